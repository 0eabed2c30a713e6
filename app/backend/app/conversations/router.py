"""Routes of conversations."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Response, status

from app.auth.dependencies import PrincipalDep, WriterDep
from app.conversations.models import Conversation, Message
from app.conversations.schemas import (
    ConversationCreate,
    ConversationDetails,
    ConversationPage,
    ConversationPatch,
    ConversationRead,
    MessagePage,
)
from app.conversations.service import ConversationService
from app.dependencies import SessionDep
from app.idempotency import OnceDep
from app.pagination import PageQueryDep, Slice

router = APIRouter(prefix="/conversations", tags=["chat"])


async def _reader(principal: PrincipalDep, session: SessionDep) -> ConversationService:
    return ConversationService(session, principal.user_id)


async def _writer(principal: WriterDep, session: SessionDep) -> ConversationService:
    return ConversationService(session, principal.user_id)


Reader = Annotated[ConversationService, Depends(_reader)]
Writer = Annotated[ConversationService, Depends(_writer)]


@router.get("", response_model=ConversationPage)
async def list_conversations(service: Reader, page: PageQueryDep) -> Slice[Conversation]:
    """The user's conversations, the one that changed last first."""
    return await service.page(page)


@router.post("", status_code=status.HTTP_201_CREATED, response_model=ConversationRead)
async def create_conversation(body: ConversationCreate, service: Writer, once: OnceDep) -> Response:
    """Begin a conversation; a message without one begins one too."""
    return await once.create(ConversationRead, lambda: service.create(body))


@router.get("/{conversation_id}")
async def read_conversation(conversation_id: uuid.UUID, service: Reader) -> ConversationDetails:
    """One conversation, and how its newest answer stands."""
    return await service.details(conversation_id)


@router.patch("/{conversation_id}", response_model=ConversationRead)
async def patch_conversation(conversation_id: uuid.UUID, body: ConversationPatch, service: Writer) -> Conversation:
    """Rename a conversation."""
    return await service.patch(conversation_id, body)


@router.delete("/{conversation_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_conversation(conversation_id: uuid.UUID, service: Writer) -> None:
    """Remove a conversation and all that was said in it."""
    await service.delete(conversation_id)


@router.get("/{conversation_id}/messages", response_model=MessagePage)
async def list_messages(conversation_id: uuid.UUID, service: Reader, page: PageQueryDep) -> Slice[Message]:
    """What was said in a conversation, newest first."""
    return await service.messages(conversation_id, page)
