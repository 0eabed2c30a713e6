"""Routes of import and export."""

import hashlib
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response, UploadFile
from fastapi.responses import StreamingResponse

from app.auth.dependencies import PrincipalDep, WriterDep
from app.dependencies import DatabaseDep, SessionDep, SettingsDep
from app.idempotency import OnceDep
from app.tasks.dependencies import task_limits
from app.transfer.schemas import ExportFormat, ImportFormat, ImportResult
from app.transfer.service import ExportService, ImportService

router = APIRouter(tags=["transfer"])

_MEDIA_TYPES = {ExportFormat.JSON: "application/json", ExportFormat.CSV: "text/csv"}
_FILE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The file",
        "content": {media_type: {"schema": {"type": "string"}} for media_type in _MEDIA_TYPES.values()},
    }
}
_FILE[200]["content"]["application/json"]["schema"] = {"type": "object"}


@router.get("/export", response_class=Response, responses=_FILE)
async def export_tasks(
    principal: PrincipalDep,
    database: DatabaseDep,
    format: ExportFormat = ExportFormat.JSON,  # noqa: A002
) -> StreamingResponse:
    """Every task as a file, oldest first."""
    headers = {"Content-Disposition": f'attachment; filename="tasks.{format}"'}
    content = ExportService(database, principal.user_id).give(format)
    return StreamingResponse(content, headers=headers, media_type=_MEDIA_TYPES[format])


async def _importer(principal: WriterDep, session: SessionDep, settings: SettingsDep) -> ImportService:
    return ImportService(session, principal.user_id, task_limits(settings))


@router.post("/import", response_model=ImportResult)
async def import_tasks(
    file: UploadFile,
    service: Annotated[ImportService, Depends(_importer)],
    once: OnceDep,
    format: ImportFormat = ImportFormat.JSON,  # noqa: A002
) -> Response:
    """Make the tasks of a file: all of them, or none if one is wrong."""
    content = await file.read()
    return await once.do(ImportResult, lambda: service.take(content, format), hashlib.sha256(content).digest())
