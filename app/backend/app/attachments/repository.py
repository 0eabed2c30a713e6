"""The SQL of attachments; whoever calls it has made sure whose task it is."""

import uuid
from collections.abc import Sequence
from datetime import timedelta

from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.attachments.models import Attachment, DiscardedFile
from app.attachments.storage import Storage
from app.fields import utcnow

# Longer than any upload may take.
_UPLOAD_TIME = timedelta(hours=1)


class AttachmentRepository:
    """Attachments in the database."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def of_task(self, task_id: uuid.UUID) -> Sequence[Attachment]:
        """Every attachment of a task, oldest first."""
        statement = select(Attachment).where(Attachment.task_id == task_id)
        return (await self._session.exec(statement.order_by(col(Attachment.created_at), col(Attachment.id)))).all()

    async def get(self, task_id: uuid.UUID, attachment_id: uuid.UUID) -> Attachment | None:
        """One attachment of a task."""
        statement = select(Attachment).where(Attachment.id == attachment_id, Attachment.task_id == task_id)
        return (await self._session.exec(statement)).first()

    async def announce(self, path: str) -> None:
        """Note that a file is about to be stored: it is removed unless an attachment of that path is added in time."""
        self._session.add(DiscardedFile(file_path=path, remove_after=utcnow() + _UPLOAD_TIME))
        await self._session.flush()

    async def add(self, attachment: Attachment) -> None:
        """Store the attachment of a file that was announced."""
        announced = col(DiscardedFile.file_path) == attachment.file_path
        await self._session.exec(delete(DiscardedFile).where(announced))
        self._session.add(attachment)
        await self._session.flush()

    async def remove(self, task_id: uuid.UUID, attachment_id: uuid.UUID) -> bool:
        """Delete an attachment, whose file is then discarded; tells whether there was one."""
        statement = delete(Attachment).where(col(Attachment.id) == attachment_id, col(Attachment.task_id) == task_id)
        return (await self._session.exec(statement)).rowcount > 0


async def remove_discarded(session: AsyncSession, storage: Storage, limit: int = 100) -> int:
    """Remove discarded files from the storage whose time has come; tells how many."""
    due = select(DiscardedFile).where(col(DiscardedFile.remove_after) <= utcnow())
    files = (await session.exec(due.limit(limit).with_for_update(skip_locked=True))).all()
    for file in files:
        await storage.remove(file.file_path)
        await session.delete(file)
    return len(files)
