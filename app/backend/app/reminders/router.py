"""Routes of reminders."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Response, status

from app.auth.dependencies import PrincipalDep, WriterDep
from app.dependencies import SessionDep
from app.idempotency import OnceDep
from app.pagination import PageQueryDep, Slice
from app.reminders.models import Reminder
from app.reminders.schemas import ReminderCreate, ReminderList, ReminderPage, ReminderRead
from app.reminders.service import ReminderService
from app.tasks.dependencies import TaskToRead, TaskToWrite

router = APIRouter(tags=["reminders"])


async def _reader(principal: PrincipalDep, session: SessionDep) -> ReminderService:
    return ReminderService(session, principal.user_id)


async def _writer(principal: WriterDep, session: SessionDep) -> ReminderService:
    return ReminderService(session, principal.user_id)


Reader = Annotated[ReminderService, Depends(_reader)]
Writer = Annotated[ReminderService, Depends(_writer)]


@router.get("/tasks/{task_id}/reminders")
async def list_reminders(task_id: TaskToRead, service: Reader) -> ReminderList:
    """Every reminder of a task, by time."""
    return ReminderList.model_validate({"items": await service.of_task(task_id)}, from_attributes=True)


@router.post("/tasks/{task_id}/reminders", status_code=status.HTTP_201_CREATED, response_model=ReminderRead)
async def create_reminder(task_id: TaskToWrite, body: ReminderCreate, service: Writer, once: OnceDep) -> Response:
    """Add a reminder to a task."""
    return await once.create(ReminderRead, lambda: service.create(task_id, body))


@router.get("/reminders", response_model=ReminderPage)
async def list_due_reminders(service: Reader, page: PageQueryDep) -> Slice[Reminder]:
    """What has come up and is neither dismissed nor of a task that is done, by time."""
    return await service.page_of_due(page)


@router.post("/reminders/{reminder_id}/dismiss", response_model=ReminderRead)
async def dismiss_reminder(reminder_id: uuid.UUID, service: Writer) -> Reminder:
    """Say that a reminder was seen."""
    return await service.dismiss(reminder_id)


@router.delete("/reminders/{reminder_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_reminder(reminder_id: uuid.UUID, service: Writer) -> None:
    """Remove a reminder."""
    await service.delete(reminder_id)
