"""Which e-mail addresses are their accounts'."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "email_confirmations",
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(255), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("user_id", name="pk_email_confirmations"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_email_confirmations_user_id_users", ondelete="CASCADE"
        ),
    )
    op.create_index(
        "ix_email_confirmations_waiting",
        "email_confirmations",
        ["requested_at"],
        postgresql_where=sa.text("requested_at IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_table("email_confirmations")
