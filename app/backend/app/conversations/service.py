"""What a user can do with their conversations."""

import uuid

from sqlmodel.ext.asyncio.session import AsyncSession

from agent.events import ConfirmationRequest, Failure
from app.chat.repository import TurnRepository
from app.conversations.models import Conversation, Message
from app.conversations.repository import ConversationRepository
from app.conversations.schemas import ConversationCreate, ConversationDetails, ConversationPatch, TurnState
from app.errors import NotFoundError
from app.pagination import PageQuery, Slice


class ConversationService:
    """The conversations of one user; somebody else's are not found."""

    def __init__(self, session: AsyncSession, owner_id: uuid.UUID) -> None:
        self._conversations = ConversationRepository(session, owner_id)
        self._turns = TurnRepository(session)
        self._owner_id = owner_id

    async def page(self, query: PageQuery) -> Slice[Conversation]:
        """A page of the conversations, the one that changed last first."""
        return await self._conversations.page(query.limit, query.cursor)

    async def create(self, request: ConversationCreate) -> Conversation:
        """Store a new conversation."""
        return await self._conversations.save(Conversation(user_id=self._owner_id, title=request.title))

    async def get(self, conversation_id: uuid.UUID) -> Conversation:
        """One conversation; raises NotFoundError."""
        conversation = await self._conversations.get(conversation_id)
        if conversation is None:
            raise _not_found()
        return conversation

    async def details(self, conversation_id: uuid.UUID) -> ConversationDetails:
        """One conversation, and how its newest answer stands; raises NotFoundError."""
        conversation = await self.get(conversation_id)
        turn = await self._turns.latest(conversation_id)
        state = turn and TurnState(
            id=turn.id,
            status=turn.status,
            error=Failure.model_validate(turn.error) if turn.error else None,
            confirmations=[ConfirmationRequest.model_validate(waiting) for waiting in turn.confirmations],
        )
        return ConversationDetails.model_validate({**conversation.model_dump(), "turn": state})

    async def patch(self, conversation_id: uuid.UUID, request: ConversationPatch) -> Conversation:
        """Give a conversation another title."""
        conversation = await self.get(conversation_id)
        conversation.title = request.title
        return await self._conversations.save(conversation)

    async def delete(self, conversation_id: uuid.UUID) -> None:
        """Remove a conversation; raises NotFoundError."""
        if not await self._conversations.remove(conversation_id):
            raise _not_found()

    async def messages(self, conversation_id: uuid.UUID, query: PageQuery) -> Slice[Message]:
        """A page of what was said, newest first; raises NotFoundError."""
        await self.get(conversation_id)
        return await self._conversations.messages(conversation_id, query.limit, query.cursor)


def _not_found() -> NotFoundError:
    return NotFoundError("There is no such conversation.")
