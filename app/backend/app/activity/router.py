"""Routes of a task's history."""

from fastapi import APIRouter

from app.activity.models import TaskActivity
from app.activity.repository import ActivityRepository
from app.activity.schemas import ActivityPage
from app.auth.dependencies import PrincipalDep
from app.dependencies import SessionDep
from app.pagination import PageQueryDep, Slice
from app.tasks.dependencies import TaskToRead

router = APIRouter(prefix="/tasks/{task_id}/activity", tags=["activity"])


@router.get("", response_model=ActivityPage)
async def list_activity(
    task_id: TaskToRead, principal: PrincipalDep, session: SessionDep, page: PageQueryDep
) -> Slice[TaskActivity]:
    """What happened to a task, newest first."""
    return await ActivityRepository(session, principal.user_id).page(task_id, page.limit, page.cursor)
