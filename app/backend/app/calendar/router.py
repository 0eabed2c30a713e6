"""Routes of calendar feeds."""

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query, Request, Response, status

from app.auth.dependencies import WriterDep
from app.calendar.schemas import FeedRead
from app.calendar.service import CalendarService
from app.dependencies import SessionDep
from app.errors import NotFoundError

router = APIRouter(prefix="/calendar", tags=["calendar"])

_FEED = {200: {"description": "The feed", "content": {"text/calendar": {"schema": {"type": "string"}}}}}


@router.post("/feed", status_code=status.HTTP_201_CREATED)
async def create_feed(principal: WriterDep, session: SessionDep, request: Request) -> FeedRead:
    """Make the address of a feed; a former one is void. It is told this once."""
    token = await CalendarService(session).open(principal.user_id)
    return FeedRead(path=f"{request.url.path}/{token}.ics")


@router.delete("/feed", status_code=status.HTTP_204_NO_CONTENT)
async def delete_feed(principal: WriterDep, session: SessionDep) -> None:
    """Void the address of the feed."""
    await CalendarService(session).close(principal.user_id)


@router.get("/feed/{token}.ics", response_class=Response, responses=_FEED)  # type: ignore[arg-type]
async def read_feed(
    token: Annotated[str, Path(pattern="^[A-Za-z0-9_-]{1,100}$")],
    session: SessionDep,
    kind: Annotated[Literal["event", "todo"], Query(description="Few calendars show to-dos")] = "event",
) -> Response:
    """The tasks with a due date, for calendars, which have no other proof than the address."""
    content = await CalendarService(session).read(token, as_events=kind == "event")
    if content is None:
        raise NotFoundError("There is no such feed.")
    return Response(content, media_type="text/calendar; charset=utf-8")
