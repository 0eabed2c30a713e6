"""Routes of tags."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Response, status

from app.auth.dependencies import PrincipalDep, WriterDep
from app.dependencies import SessionDep
from app.idempotency import OnceDep
from app.pagination import PageQueryDep, Slice
from app.tags.models import Tag
from app.tags.schemas import TagCreate, TagPage, TagPatch, TagRead
from app.tags.service import TagService

router = APIRouter(prefix="/tags", tags=["tags"])


async def _reader(principal: PrincipalDep, session: SessionDep) -> TagService:
    return TagService(session, principal.user_id)


async def _writer(principal: WriterDep, session: SessionDep) -> TagService:
    return TagService(session, principal.user_id)


Reader = Annotated[TagService, Depends(_reader)]
Writer = Annotated[TagService, Depends(_writer)]


@router.get("", response_model=TagPage)
async def list_tags(service: Reader, page: PageQueryDep) -> Slice[Tag]:
    """The user's tags, by name."""
    return await service.page(page)


@router.post("", status_code=status.HTTP_201_CREATED, response_model=TagRead)
async def create_tag(body: TagCreate, service: Writer, once: OnceDep) -> Response:
    """Add a tag."""
    return await once.create(TagRead, lambda: service.create(body))


@router.get("/{tag_id}", response_model=TagRead)
async def read_tag(tag_id: uuid.UUID, service: Reader) -> Tag:
    """One tag."""
    return await service.get(tag_id)


@router.patch("/{tag_id}", response_model=TagRead)
async def patch_tag(tag_id: uuid.UUID, body: TagPatch, service: Writer) -> Tag:
    """Rename a tag."""
    return await service.patch(tag_id, body)


@router.delete("/{tag_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_tag(tag_id: uuid.UUID, service: Writer) -> None:
    """Remove a tag, also from the tasks that carry it."""
    await service.delete(tag_id)
