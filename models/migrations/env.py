"""Alembic's way in: runs on the connection that `models.schema.upgrade` opened."""

from alembic import context

from models.schema import every_table

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=every_table(),
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
