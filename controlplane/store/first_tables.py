"""A new database gets its tables as they are by now, and not step by step: what takes the steps is slow to load, and
stays in memory.
"""

from sqlalchemy import Column, Connection, MetaData, String, Table, insert

from cachewright.controlplane.store.revision import REVISION
from cachewright.controlplane.store.tables import metadata

_steps = Table("alembic_version", MetaData(), Column("version_num", String(32), primary_key=True))  # Alembic's own


def create_tables(connection: Connection) -> None:
    """Every table, and that no step is left to take; for a database that has none of them."""
    metadata.create_all(connection, checkfirst=False)
    _steps.create(connection, checkfirst=False)
    connection.execute(insert(_steps).values(version_num=REVISION))
