"""The SQL of categories: every statement is bound to one owner."""

import uuid

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.categories.models import Category
from app.database import taken
from app.fields import utcnow
from app.pagination import Order, Slice

_BY_NAME = Order[Category]("name", col(Category.name), col(Category.id), str, lambda row: (row.name, row.id))
_UNIQUE = {"uq_categories_user_id_name": "name"}


class CategoryRepository:
    """The categories of one user."""

    def __init__(self, session: AsyncSession, owner_id: uuid.UUID) -> None:
        self._session = session
        self._owner_id = owner_id

    async def page(self, limit: int, cursor: str | None) -> Slice[Category]:
        """A page of the categories, by name."""
        statement = _BY_NAME.apply(select(Category).where(Category.user_id == self._owner_id), limit, cursor)
        return _BY_NAME.cut((await self._session.exec(statement)).all(), limit)

    async def get(self, category_id: uuid.UUID) -> Category | None:
        """One category."""
        statement = select(Category).where(Category.id == category_id, Category.user_id == self._owner_id)
        return (await self._session.exec(statement)).first()

    async def named(self, name: str) -> Category | None:
        """The category of a name."""
        statement = select(Category).where(Category.name == name, Category.user_id == self._owner_id)
        return (await self._session.exec(statement)).first()

    async def ensure(self, name: str) -> Category:
        """The category of a name, made if there is none."""
        row = {"id": uuid.uuid4(), "user_id": self._owner_id, "name": name, "created_at": utcnow()}
        await self._session.exec(insert(Category).values(row).on_conflict_do_nothing())
        statement = select(Category).where(Category.user_id == self._owner_id, Category.name == name)
        return (await self._session.exec(statement.with_for_update(read=True))).one()

    async def save(self, category: Category) -> Category:
        """Store a category that is new or changed; raises ConflictError if the name is taken."""
        self._session.add(category)
        with taken(_UNIQUE):
            await self._session.flush()
        return category

    async def remove(self, category_id: uuid.UUID) -> bool:
        """Delete a category and leave its tasks without one; tells whether there was one."""
        statement = delete(Category).where(col(Category.id) == category_id, col(Category.user_id) == self._owner_id)
        return (await self._session.exec(statement)).rowcount > 0
