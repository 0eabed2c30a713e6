"""Routes of attachments."""

import hashlib
import uuid
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response, UploadFile, status
from fastapi.responses import StreamingResponse

from app.attachments.schemas import AttachmentList, AttachmentRead
from app.attachments.service import AttachmentService
from app.auth.dependencies import PrincipalDep, WriterDep
from app.dependencies import SessionDep, SettingsDep
from app.idempotency import OnceDep
from app.tasks.dependencies import TaskToRead, TaskToWrite

router = APIRouter(prefix="/tasks/{task_id}/attachments", tags=["attachments"])


async def _reader(
    request: Request, principal: PrincipalDep, session: SessionDep, settings: SettingsDep
) -> AttachmentService:
    return AttachmentService(session, principal.user_id, request.app.state.storage, settings)


async def _writer(
    request: Request, principal: WriterDep, session: SessionDep, settings: SettingsDep
) -> AttachmentService:
    return AttachmentService(session, principal.user_id, request.app.state.storage, settings)


Reader = Annotated[AttachmentService, Depends(_reader)]
Writer = Annotated[AttachmentService, Depends(_writer)]

_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.get("")
async def list_attachments(task_id: TaskToRead, service: Reader) -> AttachmentList:
    """Every attachment of a task, oldest first."""
    found = {"items": await service.of_task(task_id), "enabled": service.enabled}
    return AttachmentList.model_validate(found, from_attributes=True)


@router.post("", status_code=status.HTTP_201_CREATED, response_model=AttachmentRead)
async def create_attachment(task_id: TaskToWrite, file: UploadFile, service: Writer, once: OnceDep) -> Response:
    """Attach a file to a task."""
    stored = await service.store(file)
    fingerprint = hashlib.sha256(stored.filename.encode() + b"\0" + stored.content).digest()
    return await once.create(AttachmentRead, lambda: service.attach(task_id, stored), fingerprint)


@router.get("/{attachment_id}", response_class=Response, responses=_FILE)
async def read_attachment(task_id: TaskToRead, attachment_id: uuid.UUID, service: Reader) -> StreamingResponse:
    """The content of an attachment."""
    attachment, content = await service.open(task_id, attachment_id)
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(attachment.filename, safe='')}",
        "Content-Length": str(attachment.file_size),
        # Whatever a browser takes it for, it runs nothing.
        "Content-Security-Policy": "sandbox; default-src 'none'",
    }
    return StreamingResponse(content, headers=headers, media_type="application/octet-stream")


@router.delete("/{attachment_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_attachment(task_id: TaskToWrite, attachment_id: uuid.UUID, service: Writer) -> None:
    """Remove an attachment."""
    await service.delete(task_id, attachment_id)
