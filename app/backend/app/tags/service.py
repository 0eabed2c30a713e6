"""What a user can do with their tags."""

import uuid

from sqlmodel.ext.asyncio.session import AsyncSession

from app.errors import NotFoundError
from app.pagination import PageQuery, Slice
from app.tags.models import Tag
from app.tags.repository import TagRepository
from app.tags.schemas import TagCreate, TagPatch


class TagService:
    """The tags of one user; somebody else's are not found."""

    def __init__(self, session: AsyncSession, owner_id: uuid.UUID) -> None:
        self._tags = TagRepository(session, owner_id)
        self._owner_id = owner_id

    async def page(self, query: PageQuery) -> Slice[Tag]:
        """A page of the tags, by name."""
        return await self._tags.page(query.limit, query.cursor)

    async def create(self, request: TagCreate) -> Tag:
        """Store a new tag."""
        return await self._tags.save(Tag(user_id=self._owner_id, name=request.name))

    async def get(self, tag_id: uuid.UUID) -> Tag:
        """One tag; raises NotFoundError."""
        tag = await self._tags.get(tag_id)
        if tag is None:
            raise _not_found()
        return tag

    async def patch(self, tag_id: uuid.UUID, request: TagPatch) -> Tag:
        """Rename a tag."""
        tag = await self.get(tag_id)
        tag.name = request.name
        return await self._tags.save(tag)

    async def delete(self, tag_id: uuid.UUID) -> None:
        """Remove a tag; raises NotFoundError."""
        if not await self._tags.remove(tag_id):
            raise _not_found()


def _not_found() -> NotFoundError:
    return NotFoundError("There is no such tag.")
