"""Categories and tags."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "categories",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("color", sa.String(7), nullable=True),
        sa.Column("icon", sa.String(50), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_categories"),
        sa.UniqueConstraint("user_id", "name", name="uq_categories_user_id_name"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_categories_user_id_users", ondelete="CASCADE"),
        sa.CheckConstraint("btrim(name) <> ''", name="ck_categories_name_not_blank"),
    )
    op.add_column("tasks", sa.Column("category_id", sa.Uuid(), nullable=True))
    op.create_foreign_key(
        "fk_tasks_category_id_categories", "tasks", "categories", ["category_id"], ["id"], ondelete="SET NULL"
    )
    op.create_index("ix_tasks_category_id", "tasks", ["category_id"])
    op.create_table(
        "tags",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_tags"),
        sa.UniqueConstraint("user_id", "name", name="uq_tags_user_id_name"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_tags_user_id_users", ondelete="CASCADE"),
        sa.CheckConstraint("btrim(name) <> '' AND strpos(name, ',') = 0", name="ck_tags_name_form"),
    )
    op.create_table(
        "task_tags",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("tag_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("task_id", "tag_id", name="pk_task_tags"),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name="fk_task_tags_task_id_tasks", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["tag_id"], ["tags.id"], name="fk_task_tags_tag_id_tags", ondelete="CASCADE"),
    )
    op.create_index("ix_task_tags_tag_id", "task_tags", ["tag_id"])


def downgrade() -> None:
    op.drop_table("task_tags")
    op.drop_table("tags")
    op.drop_column("tasks", "category_id")
    op.drop_table("categories")
