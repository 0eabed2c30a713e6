"""What a user can do with the files of one of their tasks."""

import uuid
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from fastapi import UploadFile
from sqlmodel.ext.asyncio.session import AsyncSession

from app.attachments.models import FILENAME_LENGTH, Attachment
from app.attachments.repository import AttachmentRepository
from app.attachments.schemas import MAXIMUM_ATTACHMENTS
from app.attachments.storage import Storage
from app.errors import ForbiddenError, InvalidError, NotFoundError
from app.settings import Settings
from app.tasks.repository import TaskRepository


@dataclass(frozen=True)
class StoredFile:
    """A file that is stored, and not yet any task's."""

    path: str
    filename: str
    mime_type: str
    content: bytes


class AttachmentService:
    """The files of the caller's tasks."""

    def __init__(self, session: AsyncSession, owner_id: uuid.UUID, storage: Storage | None, settings: Settings) -> None:
        self._session = session
        self._tasks = TaskRepository(session, owner_id)
        self._attachments = AttachmentRepository(session)
        self._owner_id = owner_id
        self._storage = storage
        self._settings = settings

    @property
    def enabled(self) -> bool:
        """Whether there is a storage."""
        return self._storage is not None

    async def of_task(self, task_id: uuid.UUID) -> Sequence[Attachment]:
        """Every attachment of a task that is the caller's."""
        return await self._attachments.of_task(task_id)

    async def store(self, file: UploadFile) -> StoredFile:
        """Store a file, to be removed unless it is attached; raises InvalidError, ForbiddenError, StorageError."""
        storage = self._enabled()
        content = await self._checked(file)
        path = f"{self._owner_id}/{uuid.uuid4()}"
        await self._attachments.announce(path)
        # Storing is slow: others may have the connection meanwhile.
        await self._session.commit()
        await storage.save(path, content)
        return StoredFile(path, _clean(file.filename or ""), _mime_type(file), content)

    async def attach(self, task_id: uuid.UUID, file: StoredFile) -> Attachment:
        """Make a stored file a task's; raises NotFoundError, InvalidError."""
        if not await self._tasks.lock([task_id]):
            raise NotFoundError("There is no such task.")
        if len(await self.of_task(task_id)) >= MAXIMUM_ATTACHMENTS:
            raise InvalidError("file", f"A task has at most {MAXIMUM_ATTACHMENTS} attachments.")
        attachment = Attachment(
            task_id=task_id,
            filename=file.filename,
            file_path=file.path,
            file_size=len(file.content),
            mime_type=file.mime_type,
        )
        await self._attachments.add(attachment)
        return attachment

    async def open(self, task_id: uuid.UUID, attachment_id: uuid.UUID) -> tuple[Attachment, AsyncIterator[bytes]]:
        """An attachment and its content; raises NotFoundError, ForbiddenError, StorageError."""
        attachment = await self._attachments.get(task_id, attachment_id)
        if attachment is None:
            raise _not_found()
        storage = self._enabled()
        await self._session.commit()
        return attachment, await storage.open(attachment.file_path)

    async def delete(self, task_id: uuid.UUID, attachment_id: uuid.UUID) -> None:
        """Remove an attachment; raises NotFoundError."""
        if not await self._attachments.remove(task_id, attachment_id):
            raise _not_found()

    def _enabled(self) -> Storage:
        if self._storage is None:
            raise ForbiddenError("Attachments are turned off.")
        return self._storage

    async def _checked(self, file: UploadFile) -> bytes:
        limit = self._settings.attachment_max_bytes
        content = await file.read(limit + 1)
        if not content:
            raise InvalidError("file", "is empty")
        if len(content) > limit:
            raise InvalidError("file", f"should have at most {limit} bytes")
        if not any(fnmatchcase(_mime_type(file), pattern) for pattern in self._settings.attachment_types):
            raise InvalidError("file", "is of a type that is not accepted")
        return content


def _mime_type(file: UploadFile) -> str:
    return (file.content_type or "application/octet-stream").partition(";")[0].strip().lower()[:100]


def _clean(filename: str) -> str:
    """A file's name without folders and what can't be shown."""
    name = filename.replace("\\", "/").rpartition("/")[2]
    shown = "".join(character for character in name if character.isprintable()).strip(" .")
    return shown[-FILENAME_LENGTH:] or "file"


def _not_found() -> NotFoundError:
    return NotFoundError("There is no such attachment.")
