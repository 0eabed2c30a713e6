"""How an answer ends: its last events, its messages and its state are written in one transaction."""

import uuid
from collections.abc import Sequence

from sqlmodel.ext.asyncio.session import AsyncSession

from agent.events import Done, Event, Failure, Usage
from app.chat.history import Transcript, pending_calls, waiting
from app.chat.models import ChatTurn
from app.chat.repository import TurnRepository
from app.conversations.models import Message
from app.conversations.repository import ConversationRepository
from app.metrics import CHAT_TOKENS, CHAT_TURNS

INTERRUPTED = Failure(
    code="interrupted", message="The answer was cut off. What you wrote is kept: try again.", retryable=True
)
_HISTORY = 100


async def end_turn(
    session: AsyncSession, turn: ChatTurn, events: Sequence[Event], failure: Failure | None, done: Done | None
) -> list[Event]:
    """Write the end of an answer whose row is locked and whose events so far are stored; gives the events added."""
    turns = TurnRepository(session)
    conversations = ConversationRepository(session, turn.user_id)
    last: list[Event] = [failure] if failure else []
    done = done or Done(reason="error", usage=Usage(), provider="none")
    last.append(done)
    earlier = await conversations.recent(turn.conversation_id, _HISTORY)
    await conversations.add_messages(*await _messages(conversations, turn, earlier, [*events, *last]))
    turn.confirmations = [question.model_dump(mode="json") for question in waiting(events)]
    failures = [event for event in (*events, *last) if isinstance(event, Failure)]
    turn.error = failures[-1].model_dump(mode="json") if failures else None
    await turns.append(turn.id, len(events) + 1, last)
    await turns.end(turn, done)
    return last


async def close_abandoned(session: AsyncSession, turn_id: uuid.UUID) -> None:
    """End an answer if its process is dead, once; what it did is kept."""
    if turn := await TurnRepository(session).claim_end(turn_id, expired=True):
        await interrupt(session, turn)


async def interrupt(session: AsyncSession, turn: ChatTurn) -> None:
    """End an answer, whose row is locked, in place of its process."""
    events = [event for _, event in await TurnRepository(session).events(turn.id, 0)]
    await end_turn(session, turn, events, INTERRUPTED, None)


def count(done: Done, seconds: float) -> None:
    """Put an answer into the figures."""
    CHAT_TURNS.labels(done.provider, done.reason).observe(seconds)
    CHAT_TOKENS.labels(done.provider, "input").inc(done.usage.input_tokens)
    CHAT_TOKENS.labels(done.provider, "output").inc(done.usage.output_tokens)


async def _messages(
    conversations: ConversationRepository, turn: ChatTurn, earlier: Sequence[Message], events: Sequence[Event]
) -> list[Message]:
    transcript = Transcript(pending_calls(earlier))
    for event in events:
        transcript.add(event)
    for call_id, confirmed in turn.confirmed.items():
        if not confirmed:
            transcript.refuse(call_id)
    now = await conversations.next_moment(turn.conversation_id)
    return transcript.messages(turn, now)
