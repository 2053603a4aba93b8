"""Whether a database is ours, of a release that is known, and whole."""

from importlib.metadata import version

from sqlalchemy import Connection, inspect, select, text
from sqlalchemy.exc import DBAPIError

from cachewright.controlplane.store.driver_errors import cause_of, failed
from cachewright.controlplane.store.facts import Facts
from cachewright.controlplane.store.failures import Damaged, Foreign
from cachewright.controlplane.store.revision import REVISION
from cachewright.controlplane.store.tables import metadata

RELEASE = "release"  # the fact that says which release brought the tables to where they are


def revision_of(connection: Connection) -> str | None:
    """The step that was taken last; None for a database without tables."""
    try:
        with connection.begin_nested():
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except DBAPIError as error:
        if failed("read it", error):
            raise
        return None


def require_known(connection: Connection, revision: str | None, name: str) -> None:
    """Foreign for tables of a later release, or of another program; Damaged for those of which nobody says whose."""
    if revision is None:
        if ours := sorted(metadata.tables.keys() & set(inspect(connection).get_table_names())):
            raise Damaged(f"cannot use {name}: it has tables ({', '.join(ours)}), and does not say of which release")
    elif not (len(revision) == len(REVISION) and revision.isdigit()):
        raise Foreign(f"cannot use {name}: another program's tables are in it")
    elif revision > REVISION:
        said, own = _release(connection), version("cachewright")
        wanted = f"Cachewright {said} or a later one" if said and said != own else f"a release later than {own}"
        told = f"a later release wrote it (tables {revision}, this one knows {REVISION})"
        raise Foreign(f"cannot use {name}: {told}; use {wanted}")


def check(connection: Connection, name: str) -> None:
    """Damaged when a table or a column is missing, or when SQLite finds that pages do not fit together."""
    if connection.dialect.name == "sqlite":
        found = connection.execute(text("PRAGMA quick_check(1)")).scalar()
        if found != "ok":
            raise Damaged(f"cannot use {name}: {str(found).splitlines()[-1]}")
    for table in metadata.sorted_tables:
        try:
            connection.execute(select(table).limit(0))
        except DBAPIError as error:
            if failed("read it", error):
                raise
            raise Damaged(f"cannot use {name}: {cause_of(error)}") from error


def _release(connection: Connection) -> str | None:
    try:
        return Facts(connection).read(RELEASE)
    except DBAPIError as error:  # later releases may remember it elsewhere
        if failed("read it", error):
            raise
        return None
