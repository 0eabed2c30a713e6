"""Recurrence, subtasks, reminders and the activity log of tasks."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tasks", sa.Column("recurrence_pattern", sa.Text(), nullable=True))
    # The version before this one goes on adding tasks while it is replaced: it needs the defaults.
    op.add_column("tasks", sa.Column("recurrence_timezone", sa.String(64), nullable=False, server_default="UTC"))
    op.add_column(
        "tasks", sa.Column("recurrence_from_completion", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("tasks", sa.Column("recurrence_start", sa.DateTime(timezone=True), nullable=True))
    op.add_column("tasks", sa.Column("next_recurrence_date", sa.DateTime(timezone=True), nullable=True))
    op.add_column("tasks", sa.Column("previous_task_id", sa.Uuid(), nullable=True))
    op.create_check_constraint("ck_tasks_recurrence_length", "tasks", "char_length(recurrence_pattern) <= 2000")
    op.create_check_constraint(
        "ck_tasks_recurrence_start", "tasks", "(recurrence_pattern IS NULL) = (recurrence_start IS NULL)"
    )
    op.create_unique_constraint("uq_tasks_previous_task_id", "tasks", ["previous_task_id"])
    op.create_foreign_key(
        "fk_tasks_previous_task_id_tasks", "tasks", "tasks", ["previous_task_id"], ["id"], ondelete="SET NULL"
    )
    op.create_index("ix_tasks_user_id_due_date_id", "tasks", ["user_id", "due_date", "id"])
    op.create_table(
        "subtasks",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("parent_task_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.String(255), nullable=False),
        sa.Column("is_completed", sa.Boolean(), nullable=False),
        sa.Column("order", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_subtasks"),
        sa.ForeignKeyConstraint(
            ["parent_task_id"], ["tasks.id"], name="fk_subtasks_parent_task_id_tasks", ondelete="CASCADE"
        ),
        sa.CheckConstraint("btrim(title) <> ''", name="ck_subtasks_title_not_blank"),
    )
    op.create_index("ix_subtasks_parent_task_id_order", "subtasks", ["parent_task_id", "order"])
    op.create_table(
        "reminders",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("remind_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("minutes_before", sa.Integer(), nullable=True),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dismissed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reminders"),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name="fk_reminders_task_id_tasks", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_reminders_user_id_users", ondelete="CASCADE"),
        sa.CheckConstraint("minutes_before >= 0", name="ck_reminders_minutes_before"),
    )
    op.create_index("ix_reminders_task_id", "reminders", ["task_id"])
    op.create_index("ix_reminders_user_id_remind_at", "reminders", ["user_id", "remind_at"])
    op.create_index(
        "ix_reminders_pending", "reminders", ["remind_at"], postgresql_where=sa.text("delivered_at IS NULL")
    )
    op.create_table(
        "task_activity",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("action", sa.String(20), nullable=False),
        sa.Column("field", sa.String(100), nullable=True),
        sa.Column("old_value", sa.Text(), nullable=True),
        sa.Column("new_value", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_task_activity"),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name="fk_task_activity_task_id_tasks", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_task_activity_user_id_users", ondelete="CASCADE"),
        sa.CheckConstraint("action IN ('created', 'updated', 'completed', 'reopened')", name="ck_task_activity_action"),
    )
    op.create_index("ix_task_activity_task_id_created_at_id", "task_activity", ["task_id", "created_at", "id"])
    op.create_index("ix_task_activity_user_id", "task_activity", ["user_id"])


def downgrade() -> None:
    op.drop_table("task_activity")
    op.drop_table("reminders")
    op.drop_table("subtasks")
    op.drop_index("ix_tasks_user_id_due_date_id", "tasks")
    for column in (
        "previous_task_id",
        "next_recurrence_date",
        "recurrence_start",
        "recurrence_from_completion",
        "recurrence_timezone",
        "recurrence_pattern",
    ):
        op.drop_column("tasks", column)
