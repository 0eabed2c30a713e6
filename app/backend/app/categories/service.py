"""What a user can do with their categories."""

import uuid

from sqlmodel.ext.asyncio.session import AsyncSession

from app.categories.models import Category
from app.categories.repository import CategoryRepository
from app.categories.schemas import CategoryCreate, CategoryPatch
from app.errors import NotFoundError
from app.pagination import PageQuery, Slice


class CategoryService:
    """The categories of one user; somebody else's are not found."""

    def __init__(self, session: AsyncSession, owner_id: uuid.UUID) -> None:
        self._categories = CategoryRepository(session, owner_id)
        self._owner_id = owner_id

    async def page(self, query: PageQuery) -> Slice[Category]:
        """A page of the categories, by name."""
        return await self._categories.page(query.limit, query.cursor)

    async def create(self, request: CategoryCreate) -> Category:
        """Store a new category."""
        return await self._categories.save(Category(user_id=self._owner_id, **request.model_dump()))

    async def get(self, category_id: uuid.UUID) -> Category:
        """One category; raises NotFoundError."""
        category = await self._categories.get(category_id)
        if category is None:
            raise _not_found()
        return category

    async def patch(self, category_id: uuid.UUID, request: CategoryPatch) -> Category:
        """Set the fields of a category that the request names."""
        category = await self.get(category_id)
        for name, value in request.model_dump(exclude_unset=True).items():
            setattr(category, name, value)
        return await self._categories.save(category)

    async def delete(self, category_id: uuid.UUID) -> None:
        """Remove a category; raises NotFoundError."""
        if not await self._categories.remove(category_id):
            raise _not_found()


def _not_found() -> NotFoundError:
    return NotFoundError("There is no such category.")
