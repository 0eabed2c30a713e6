"""The SQL of sessions."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, DateTime, Select, and_, bindparam, case, or_
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from app.auth.models import AuthSession
from app.auth.tokens import Principal, RefreshToken
from app.database import Statement
from app.fields import utcnow
from app.pagination import Order, Slice
from app.users.models import User

_NEWEST = Order[AuthSession](
    "-created_at",
    col(AuthSession.created_at),
    col(AuthSession.id),
    datetime,
    lambda row: (row.created_at, row.id),
    descending=True,
)


def _alive(now: datetime | BindParameter[datetime]) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return col(AuthSession.revoked_at).is_(None), col(AuthSession.expires_at) > now


_PRINCIPAL: Select[Any] = Select(col(User.id), col(User.is_user), col(User.is_admin))
_LIVE_USER = Statement(
    _PRINCIPAL.join(AuthSession, col(AuthSession.user_id) == User.id).where(
        col(AuthSession.id) == bindparam("session_id"),
        col(User.is_active),
        *_alive(bindparam("now", type_=DateTime(timezone=True))),
    )
)


class SessionRepository:
    """Sessions in the database."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def add(self, auth_session: AuthSession) -> bool:
        """Store a new session; tells whether its id was new."""
        statement = insert(AuthSession).values(auth_session.model_dump()).on_conflict_do_nothing()
        return (await self._session.exec(statement)).rowcount > 0

    async def live_user(self, session_id: uuid.UUID) -> Principal | None:
        """The active user of a session that is neither revoked nor expired."""
        for row in await _LIVE_USER.fetch(self._session, {"session_id": session_id, "now": utcnow()}):
            return Principal(row.id, session_id, is_user=row.is_user, is_admin=row.is_admin)
        return None

    async def page(self, user_id: uuid.UUID, limit: int, cursor: str | None) -> Slice[AuthSession]:
        """A page of a user's open sessions, newest first."""
        statement = select(AuthSession).where(AuthSession.user_id == user_id, *_alive(utcnow()))
        return _NEWEST.cut((await self._session.exec(_NEWEST.apply(statement, limit, cursor))).all(), limit)

    async def rotate(self, old: RefreshToken, new: RefreshToken, grace: timedelta) -> uuid.UUID | None:
        """Exchange a token that is the current one, or was until `grace` ago; gives the user's id."""
        now = utcnow()
        is_current = col(AuthSession.token_hash) == old.hash
        was_current = and_(col(AuthSession.token_hash) == new.hash, col(AuthSession.last_used_at) > now - grace)
        statement = (
            update(AuthSession)
            .where(col(AuthSession.id) == old.session_id, or_(is_current, was_current), *_alive(now))
            # The grace begins with the first exchange and is not extended by those that follow.
            .values(token_hash=new.hash, last_used_at=case((is_current, now), else_=col(AuthSession.last_used_at)))
            .returning(col(AuthSession.user_id))
        )
        return (await self._session.exec(statement)).scalar_one_or_none()

    async def revoke(self, session_id: uuid.UUID) -> None:
        """End a session."""
        await self._revoke(col(AuthSession.id) == session_id)

    async def revoke_of_user(self, user_id: uuid.UUID, session_id: uuid.UUID) -> bool:
        """End a session if it is this user's and open; tells whether it was."""
        of_user = col(AuthSession.user_id) == user_id
        return await self._revoke(and_(of_user, col(AuthSession.id) == session_id)) > 0

    async def revoke_all(self, user_id: uuid.UUID, but: uuid.UUID | None = None) -> None:
        """End every session of a user, but perhaps one."""
        await self._revoke(and_(col(AuthSession.user_id) == user_id, col(AuthSession.id).is_distinct_from(but)))

    async def _revoke(self, which: ColumnElement[bool]) -> int:
        now = utcnow()
        statement = update(AuthSession).where(which, *_alive(now)).values(revoked_at=now)
        return (await self._session.exec(statement)).rowcount
