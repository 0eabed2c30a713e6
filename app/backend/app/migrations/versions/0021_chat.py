"""Answers of the assistant and their events; which answer a message belongs to."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("messages", sa.Column("turn_id", sa.Uuid(), nullable=True))
    op.add_column("messages", sa.Column("tool_call_id", sa.String(100), nullable=True))
    op.add_column("messages", sa.Column("is_error", sa.Boolean(), nullable=True))
    op.create_table(
        "chat_turns",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("conversation_id", sa.Uuid(), nullable=False),
        sa.Column("user_message_id", sa.Uuid(), nullable=True),
        sa.Column("status", sa.String(20), nullable=False),
        sa.Column("confirmed", JSONB(), nullable=False),
        sa.Column("confirmations", JSONB(), nullable=False),
        sa.Column("error", JSONB(), nullable=True),
        sa.Column("provider", sa.String(50), nullable=True),
        sa.Column("input_tokens", sa.Integer(), nullable=False),
        sa.Column("output_tokens", sa.Integer(), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stop_requested", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_chat_turns"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_chat_turns_user_id_users", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name="fk_chat_turns_conversation_id_conversations",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_message_id"], ["messages.id"], name="fk_chat_turns_user_message_id_messages", ondelete="CASCADE"
        ),
        sa.CheckConstraint(
            "status IN ('running', 'answered', 'confirmation', 'limit', 'error')", name="ck_chat_turns_status"
        ),
    )
    op.create_index(
        "ix_chat_turns_conversation_id_created_at_id", "chat_turns", ["conversation_id", "created_at", "id"]
    )
    op.create_index("ix_chat_turns_user_id_created_at", "chat_turns", ["user_id", "created_at"])
    op.create_index("ix_chat_turns_user_message_id", "chat_turns", ["user_message_id"])
    op.create_index("ix_chat_turns_ended_at", "chat_turns", ["ended_at"])
    op.create_index(
        "ix_chat_turns_running", "chat_turns", ["lease_until"], postgresql_where=sa.text("status = 'running'")
    )
    op.create_table(
        "chat_events",
        sa.Column("turn_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("event", JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("turn_id", "sequence", name="pk_chat_events"),
        sa.ForeignKeyConstraint(
            ["turn_id"], ["chat_turns.id"], name="fk_chat_events_turn_id_chat_turns", ondelete="CASCADE"
        ),
    )


def downgrade() -> None:
    op.drop_table("chat_events")
    op.drop_table("chat_turns")
    for column in ("is_error", "tool_call_id", "turn_id"):
        op.drop_column("messages", column)
