"""Routes of the chat."""

import uuid
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Query, Request, Response, status
from limits import RateLimitItemPerMinute

from app.auth.dependencies import BearerDep, WriterDep
from app.chat.assistants import Answering
from app.chat.schemas import ChatAnswer, ChatRequest, ChatStarted
from app.chat.service import Begun, ChatService
from app.chat.stream import event_stream, position, whole
from app.chat.turns import Turns
from app.dependencies import SessionDep, SettingsDep
from app.idempotency import OnceDep
from app.ratelimit import RateLimiter
from app.tools.dependencies import ToolsetDep
from app.tools.toolset import Toolset

router = APIRouter(prefix="/chat", tags=["chat"])

_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The whole answer, or its events as they come about: `start`, those described here, `done` last",
        "content": {"text/event-stream": {"schema": {"type": "string"}}},
    }
}


async def _service(principal: WriterDep, session: SessionDep, settings: SettingsDep) -> ChatService:
    return ChatService(session, principal.user_id, settings)


async def _turns(request: Request) -> Turns:
    turns: Turns = request.app.state.turns
    return turns


Service = Annotated[ChatService, Depends(_service)]
TurnsDep = Annotated[Turns, Depends(_turns)]


@dataclass(frozen=True)
class Assistance:
    """The assistant, for the caller."""

    assistant: Answering
    toolset: Toolset
    token: str
    turns: Turns

    def start(self, begun: Begun) -> None:
        """Have the assistant answer."""
        answer = self.assistant.answer(begun.turn, self.toolset, self.token)
        self.turns.start(begun.started.message_id, answer)


async def _assistance(request: Request, toolset: ToolsetDep, token: BearerDep, turns: TurnsDep) -> Assistance:
    return Assistance(request.app.state.assistant, toolset, token, turns)


AssistanceDep = Annotated[Assistance, Depends(_assistance)]


async def _count(request: Request, principal: WriterDep, settings: SettingsDep) -> None:
    limiter: RateLimiter = request.app.state.limiter
    await limiter.hit(RateLimitItemPerMinute(settings.chat_rate_limit), "chat", str(principal.user_id))


async def _wants_stream(accept: Annotated[str, Header(include_in_schema=False)] = "") -> bool:
    return "text/event-stream" in accept


@router.post("", response_model=ChatAnswer, responses=_STREAM, dependencies=[Depends(_count)])
async def chat(
    body: ChatRequest,
    service: Service,
    once: OnceDep,
    assistance: AssistanceDep,
    streamed: Annotated[bool, Depends(_wants_stream)],
) -> Any:
    """Say something to the assistant. What it does goes on when the connection is gone, and can be followed again."""
    begun: list[Begun] = []

    async def begin() -> ChatStarted:
        begun.append(await service.begin(body))
        return begun[0].started

    started = ChatStarted.model_validate_json(bytes((await once.do(ChatStarted, begin)).body))
    await service.commit()
    for new in begun:
        assistance.start(new)
    if streamed:
        return event_stream(assistance.turns, started)
    waited = {call.id: call.arguments for new in begun for call in new.turn.pending}
    return await whole(assistance.turns, started, waited)


@router.get("/{message_id}/events", response_class=Response, responses=_STREAM)
async def follow_answer(
    message_id: uuid.UUID,
    service: Service,
    turns: TurnsDep,
    last_event_id: Annotated[str | None, Header(max_length=100)] = None,
    after: Annotated[int | None, Query(ge=0, description="Number of the last event seen")] = None,
) -> Response:
    """The events of an answer after those that were seen; any replica has them."""
    turn = await service.turn(message_id)
    started = ChatStarted(
        conversation_id=turn.conversation_id, message_id=turn.id, user_message_id=turn.user_message_id
    )
    return event_stream(turns, started, position(message_id, last_event_id, after))


@router.delete("/{message_id}", status_code=status.HTTP_204_NO_CONTENT)
async def stop_answer(message_id: uuid.UUID, service: Service, turns: TurnsDep) -> None:
    """Stop an answer that is being made; what it did until then stays."""
    await service.stop(message_id)
    turns.stop(message_id)
