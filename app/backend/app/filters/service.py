"""What a user can do with saved filters."""

import uuid
from collections.abc import Sequence

from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.database import taken
from app.errors import InvalidError, NotFoundError
from app.filters.models import SavedFilter
from app.filters.schemas import MAXIMUM_FILTERS, FilterCreate, FilterPatch
from app.tasks.filters import TaskFilter

_UNIQUE = {"uq_saved_filters_user_id_name": "name"}


class FilterService:
    """The saved filters of one user; somebody else's are not found."""

    def __init__(self, session: AsyncSession, owner_id: uuid.UUID) -> None:
        self._session = session
        self._owner_id = owner_id
        self._own = col(SavedFilter.user_id) == owner_id

    async def all(self) -> Sequence[SavedFilter]:
        """Every saved filter, by name."""
        return (await self._session.exec(select(SavedFilter).where(self._own).order_by(col(SavedFilter.name)))).all()

    async def create(self, request: FilterCreate) -> SavedFilter:
        """Store a new filter; raises ConflictError, InvalidError."""
        if len(await self.all()) >= MAXIMUM_FILTERS:
            raise InvalidError("name", f"There are at most {MAXIMUM_FILTERS} saved filters.")
        return await self._save(SavedFilter(user_id=self._owner_id, name=request.name, filter=_stored(request.filter)))

    async def get(self, filter_id: uuid.UUID) -> SavedFilter:
        """One saved filter; raises NotFoundError."""
        found = (await self._session.exec(select(SavedFilter).where(SavedFilter.id == filter_id, self._own))).first()
        if found is None:
            raise _not_found()
        return found

    async def patch(self, filter_id: uuid.UUID, request: FilterPatch) -> SavedFilter:
        """Set the fields of a saved filter that the request names."""
        saved = await self.get(filter_id)
        if "name" in request.model_fields_set:
            saved.name = request.name
        if "filter" in request.model_fields_set:
            saved.filter = _stored(request.filter)
        return await self._save(saved)

    async def delete(self, filter_id: uuid.UUID) -> None:
        """Remove a saved filter; raises NotFoundError."""
        statement = delete(SavedFilter).where(col(SavedFilter.id) == filter_id, self._own)
        if not (await self._session.exec(statement)).rowcount:
            raise _not_found()

    async def _save(self, saved: SavedFilter) -> SavedFilter:
        self._session.add(saved)
        with taken(_UNIQUE):
            await self._session.flush()
        return saved


def _stored(task_filter: TaskFilter) -> dict[str, object]:
    return task_filter.model_dump(mode="json", exclude_defaults=True)


def _not_found() -> NotFoundError:
    return NotFoundError("There is no such filter.")
