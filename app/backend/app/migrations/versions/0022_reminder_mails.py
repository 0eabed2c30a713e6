"""When a reminder was sent by e-mail."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("reminders", sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_reminders_unmailed", "reminders", ["remind_at"], postgresql_where=sa.text("mailed_at IS NULL"))


def downgrade() -> None:
    op.drop_index("ix_reminders_unmailed", "reminders")
    op.drop_column("reminders", "mailed_at")
