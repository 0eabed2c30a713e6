"""The SQL of tags: every statement is bound to one owner."""

import uuid
from collections.abc import Collection

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.database import taken
from app.fields import utcnow
from app.pagination import Order, Slice
from app.tags.models import Tag, TaskTag

_BY_NAME = Order[Tag]("name", col(Tag.name), col(Tag.id), str, lambda tag: (tag.name, tag.id))
_UNIQUE = {"uq_tags_user_id_name": "name"}


class TagRepository:
    """The tags of one user."""

    def __init__(self, session: AsyncSession, owner_id: uuid.UUID) -> None:
        self._session = session
        self._owner_id = owner_id

    async def page(self, limit: int, cursor: str | None) -> Slice[Tag]:
        """A page of the tags, by name."""
        statement = _BY_NAME.apply(select(Tag).where(Tag.user_id == self._owner_id), limit, cursor)
        return _BY_NAME.cut((await self._session.exec(statement)).all(), limit)

    async def get(self, tag_id: uuid.UUID) -> Tag | None:
        """One tag."""
        statement = select(Tag).where(Tag.id == tag_id, Tag.user_id == self._owner_id)
        return (await self._session.exec(statement)).first()

    async def save(self, tag: Tag) -> Tag:
        """Store a tag that is new or changed; raises ConflictError if the name is taken."""
        self._session.add(tag)
        with taken(_UNIQUE):
            await self._session.flush()
        return tag

    async def remove(self, tag_id: uuid.UUID) -> bool:
        """Delete a tag, and take it off the tasks; tells whether there was one."""
        statement = delete(Tag).where(col(Tag.id) == tag_id, col(Tag.user_id) == self._owner_id)
        return (await self._session.exec(statement)).rowcount > 0

    async def set_of_task(self, task_id: uuid.UUID, names: Collection[str]) -> None:
        """Give a task these tags and no others; those that don't exist yet are made."""
        await self._session.exec(delete(TaskTag).where(col(TaskTag.task_id) == task_id))
        await self.attach(task_id, (await self.ensure(names)).values())

    async def attach(self, task_id: uuid.UUID, tag_ids: Collection[uuid.UUID]) -> None:
        """Give a task these tags, of which it has none."""
        if tag_ids:
            await self._session.exec(insert(TaskTag).values([{"task_id": task_id, "tag_id": id_} for id_ in tag_ids]))

    async def ensure(self, names: Collection[str]) -> dict[str, uuid.UUID]:
        """The ids of tags by their names; those that don't exist yet are made."""
        if not names:
            return {}
        # Always in the same order, so that requests at once don't wait for each other in a circle.
        rows = [
            {"id": uuid.uuid4(), "user_id": self._owner_id, "name": name, "created_at": utcnow()}
            for name in sorted(names)
        ]
        await self._session.exec(insert(Tag).values(rows).on_conflict_do_nothing())
        found = select(Tag.name, Tag.id).where(Tag.user_id == self._owner_id, col(Tag.name).in_(names))
        return dict((await self._session.exec(found.with_for_update(read=True))).all())
