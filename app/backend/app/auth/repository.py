"""The SQL of sessions."""

import uuid
from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import col, delete, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from app.auth.models import AuthSession
from app.fields import utcnow
from app.users.models import User


class SessionRepository:
    """Sessions in the database."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, auth_session: AuthSession) -> None:
        """Store a new session and forget the user's expired ones."""
        of_user, expired = col(AuthSession.user_id) == auth_session.user_id, col(AuthSession.expires_at) < utcnow()
        await self._session.exec(delete(AuthSession).where(of_user, expired))
        self._session.add(auth_session)

    async def live_user(self, session_id: uuid.UUID, user_id: uuid.UUID) -> User | None:
        """The active user of a session that is neither revoked nor expired."""
        statement = (
            select(User)
            .join(AuthSession, col(AuthSession.user_id) == User.id)
            .where(AuthSession.id == session_id, User.id == user_id, User.is_active, *_alive(utcnow()))
        )
        return (await self._session.exec(statement)).first()

    async def rotate(self, session_id: uuid.UUID, old_hash: bytes, new_hash: bytes) -> uuid.UUID | None:
        """Exchange the token's hash if it is still the current one; gives the user's id."""
        now = utcnow()
        statement = (
            update(AuthSession)
            .where(col(AuthSession.id) == session_id, col(AuthSession.token_hash) == old_hash, *_alive(now))
            .values(token_hash=new_hash, last_used_at=now)
            .returning(col(AuthSession.user_id))
        )
        return (await self._session.exec(statement)).scalar_one_or_none()

    async def revoke(self, session_id: uuid.UUID) -> bool:
        """End a session; tells whether there was one to end."""
        statement = (
            update(AuthSession)
            .where(col(AuthSession.id) == session_id, col(AuthSession.revoked_at).is_(None))
            .values(revoked_at=utcnow())
            .returning(col(AuthSession.id))
        )
        return (await self._session.exec(statement)).first() is not None


def _alive(now: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return col(AuthSession.revoked_at).is_(None), col(AuthSession.expires_at) > now
