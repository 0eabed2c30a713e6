"""Attachments, and the files that are to be removed from the storage."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attachments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("filename", sa.String(255), nullable=False),
        sa.Column("file_path", sa.String(500), nullable=False),
        sa.Column("file_size", sa.Integer(), nullable=False),
        sa.Column("mime_type", sa.String(100), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_attachments"),
        sa.UniqueConstraint("file_path", name="uq_attachments_file_path"),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name="fk_attachments_task_id_tasks", ondelete="CASCADE"),
        sa.CheckConstraint("file_size >= 0", name="ck_attachments_file_size"),
    )
    op.create_index("ix_attachments_task_id", "attachments", ["task_id"])
    op.create_table(
        "discarded_files",
        sa.Column("file_path", sa.String(500), nullable=False),
        sa.Column("remove_after", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("file_path", name="pk_discarded_files"),
    )
    op.create_index("ix_discarded_files_remove_after", "discarded_files", ["remove_after"])
    # Rows also go by the cascades from tasks and users, which no code of the application sees.
    op.execute(
        """
        CREATE FUNCTION discard_attachment() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO discarded_files (file_path, remove_after) VALUES (OLD.file_path, now());
            RETURN NULL;
        END $$
        """
    )
    op.execute(
        "CREATE TRIGGER attachments_discard AFTER DELETE ON attachments"
        " FOR EACH ROW EXECUTE FUNCTION discard_attachment()"
    )


def downgrade() -> None:
    op.drop_table("attachments")
    op.execute("DROP FUNCTION discard_attachment")
    op.drop_table("discarded_files")
