"""Run by Alembic, on the connection that `workflow.migrations.upgrade` holds; the transaction is that one's."""

from alembic import context

# SQLite rolls DDL back like anything else, since db.py begins its transactions itself; Alembic assumes it does not.
context.configure(
    connection=context.config.attributes["connection"],
    transactional_ddl=True,
    render_as_batch=True,
)
context.run_migrations()
