"""Indexes of the orders in which tasks are listed."""

from alembic import op
from sqlalchemy import text

revision = "0020"
down_revision = "0014"
branch_labels = None
depends_on = None

_RANK = "strpos('low medium high', priority)"


def upgrade() -> None:
    op.create_index("ix_tasks_user_id_updated_at_id", "tasks", ["user_id", "updated_at", "id"])
    op.create_index("ix_tasks_user_id_title_id", "tasks", ["user_id", "title", "id"])
    op.create_index("ix_tasks_user_id_priority_rank_id", "tasks", ["user_id", text(_RANK), "id"])


def downgrade() -> None:
    op.drop_index("ix_tasks_user_id_priority_rank_id")
    op.drop_index("ix_tasks_user_id_title_id")
    op.drop_index("ix_tasks_user_id_updated_at_id")
