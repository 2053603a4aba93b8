"""Alembic's entry: the connection is handed in by `upgrade`."""

from alembic import context

from cachewright.controlplane.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
