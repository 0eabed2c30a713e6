"""What a user can say to the assistant, and what becomes of it."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from agent.turn import Turn, TurnMessage
from app.chat.ending import interrupt
from app.chat.history import pending_calls, turn_messages
from app.chat.models import ChatTurn, TurnStatus
from app.chat.repository import TurnRepository
from app.chat.schemas import ChatRequest, ChatStarted
from app.conversations.models import Conversation, Message, MessageRole
from app.conversations.repository import ConversationRepository
from app.errors import ConflictError, InvalidError, NotFoundError, TooManyRequestsError
from app.fields import utcnow
from app.settings import Settings

EVENTS_LIFE = timedelta(days=1)
"""How long an answer can be streamed again."""
_DAY = timedelta(days=1)
_TITLE_LENGTH = 60
_RETRY_AFTER = 3600


@dataclass(frozen=True)
class Begun:
    """An answer that is to be made."""

    started: ChatStarted
    turn: Turn


class ChatService:
    """The chats of one user; somebody else's are not found."""

    def __init__(self, session: AsyncSession, owner_id: uuid.UUID, settings: Settings) -> None:
        self._session = session
        self._owner_id = owner_id
        self._settings = settings
        self._conversations = ConversationRepository(session, owner_id)
        self._turns = TurnRepository(session)

    async def begin(self, request: ChatRequest) -> Begun:
        """Store what the person said, and what the assistant is to be given.

        Raises NotFoundError, ConflictError while an answer is being made, InvalidError, TooManyRequestsError.
        """
        if len(request.message or "") > self._settings.chat_message_length:
            limit = self._settings.chat_message_length
            raise InvalidError("message", f"should have at most {limit} characters")
        used = await self._turns.tokens_since(self._owner_id, utcnow() - _DAY)
        if used >= self._settings.chat_tokens_per_day:
            raise TooManyRequestsError(_RETRY_AFTER)
        conversation = await self._conversation(request)
        last = await self._last_turn(conversation.id)
        history = list(await self._conversations.recent(conversation.id, self._settings.chat_history_messages))
        turn = ChatTurn(
            user_id=self._owner_id,
            conversation_id=conversation.id,
            confirmed=self._confirmed(request, last, history),
            lease_until=utcnow(),
            # After the one before, whatever another machine's clock said.
            created_at=max(utcnow(), last.created_at + timedelta(microseconds=1)) if last else utcnow(),
        )
        messages = turn_messages(history)
        if request.message is not None:
            said = await self._say(conversation, turn.id, request.message)
            turn.user_message_id = said.id
            messages += turn_messages([said])
        elif request.retry_of is not None:
            turn.user_message_id, messages = await self._again(request.retry_of, last, history)
        conversation.updated_at = utcnow()
        await self._conversations.save(conversation)
        await self._turns.add(turn, self._settings.chat_lease_seconds)
        started = ChatStarted(conversation_id=conversation.id, message_id=turn.id, user_message_id=turn.user_message_id)
        given = Turn(
            conversation_id=conversation.id,
            messages=messages,
            now=utcnow(),
            time_zone=request.time_zone,
            confirmed=turn.confirmed,
        )
        return Begun(started, given)

    async def commit(self) -> None:
        """Let others see what was begun: an answer is stored as it comes about, while the request still goes on."""
        await self._session.commit()

    async def turn(self, turn_id: uuid.UUID) -> ChatTurn:
        """An answer whose events are kept; raises NotFoundError."""
        turn = await self._turns.of_user(turn_id, self._owner_id)
        if turn is None or (turn.ended_at and turn.ended_at < utcnow() - EVENTS_LIFE):
            raise NotFoundError("There is no such answer, or it is too long ago.")
        return turn

    async def stop(self, turn_id: uuid.UUID) -> None:
        """Have an answer stopped; raises NotFoundError."""
        await self.turn(turn_id)
        await self._turns.request_stop(turn_id)

    async def _conversation(self, request: ChatRequest) -> Conversation:
        if request.conversation_id is None:
            return await self._conversations.save(Conversation(user_id=self._owner_id))
        conversation = await self._conversations.get(request.conversation_id, locked=True)
        if conversation is None:
            raise NotFoundError("There is no such conversation.")
        return conversation

    async def _last_turn(self, conversation_id: uuid.UUID) -> ChatTurn | None:
        last = await self._turns.latest(conversation_id)
        if last is None or last.status is not TurnStatus.RUNNING:
            return last
        if dead := await self._turns.claim_end(last.id, expired=True):
            await interrupt(self._session, dead)
            return dead
        raise ConflictError("conversation_id", "the last message is still being answered")

    def _confirmed(self, request: ChatRequest, last: ChatTurn | None, history: Sequence[Message]) -> dict[str, bool]:
        """Yes or no to each call that waits; whoever says something else has not said yes."""
        pending = {call.id for call in pending_calls(history)}
        given = request.confirm or {}
        if request.retry_of and last:
            given = {id_: yes for id_, yes in last.confirmed.items() if id_ in pending}
        if unknown := given.keys() - pending:
            raise InvalidError("confirm", f"{min(unknown)} does not wait for a yes or no")
        return {id_: given.get(id_, False) for id_ in sorted(pending)}

    async def _say(self, conversation: Conversation, turn_id: uuid.UUID, text: str) -> Message:
        conversation.title = conversation.title or _title(text)
        message = Message(
            user_id=self._owner_id,
            conversation_id=conversation.id,
            turn_id=turn_id,
            role=MessageRole.USER,
            content=text,
            created_at=await self._conversations.next_moment(conversation.id),
        )
        await self._conversations.add_messages(message)
        return message

    async def _again(
        self, turn_id: uuid.UUID, last: ChatTurn | None, history: Sequence[Message]
    ) -> tuple[uuid.UUID | None, list[TurnMessage]]:
        """The messages to answer once more: what a failed answer did stays in them, and what it only said does not."""
        if last is None or last.id != turn_id or last.status not in {TurnStatus.ERROR, TurnStatus.LIMIT}:
            raise InvalidError("retry_of", "is not a failed answer that is the conversation's last")
        of_answer = [message for message in history if message.turn_id == turn_id and message.role != MessageRole.USER]
        did_something = any(message.tool_name for message in of_answer)
        kept = [message for message in history if did_something or message not in of_answer]
        said = await self._conversations.message(last.user_message_id) if last.user_message_id else None
        messages = turn_messages(kept)
        if said and (did_something or said not in kept):
            messages += turn_messages([said])
        if not messages or (said is None and not pending_calls(history)):
            raise InvalidError("retry_of", "left nothing to be done")
        return last.user_message_id, messages


def _title(text: str) -> str:
    line = " ".join(text.split())
    if len(line) <= _TITLE_LENGTH:
        return line
    head = line[:_TITLE_LENGTH]
    return f"{head.rpartition(' ')[0] or head}…"
