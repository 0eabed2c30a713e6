"""The SQL of users."""

import uuid

from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, delete, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.database import taken
from app.users.models import User

_UNIQUE_FIELDS = {"uq_users_email": "email", "uq_users_username": "username"}


class UserRepository:
    """Users in the database."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def by_id(self, user_id: uuid.UUID) -> User | None:
        """The user with this id."""
        return await self._session.get(User, user_id)

    async def by_email(self, email: str) -> User | None:
        """The user with this address, in lower case."""
        return (await self._session.exec(select(User).where(User.email == email))).first()

    async def save(self, user: User) -> User:
        """Store a user who is new or changed; raises ConflictError that names the e-mail or username if it is taken."""
        self._session.add(user)
        with taken(_UNIQUE_FIELDS):
            await self._session.flush()
        return user

    async def add_unless_taken(self, user: User) -> None:
        """Store a new user, unless there is one with this id, e-mail or username."""
        await self._session.exec(insert(User).values(user.model_dump()).on_conflict_do_nothing())

    async def remove(self, user_id: uuid.UUID) -> None:
        """Delete a user and, by the foreign keys, everything that is theirs."""
        await self._session.exec(delete(User).where(col(User.id) == user_id))
