"""The SQL of confirmations."""

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select, tuple_, update
from sqlmodel.ext.asyncio.session import AsyncSession

from app.confirmation.models import EmailConfirmation
from app.fields import utcnow
from app.users.models import User

LIFE = timedelta(days=1)
"""Of a link, and of the wish for one."""

IS_CONFIRMED: ColumnElement[bool] = and_(
    col(EmailConfirmation.user_id) == col(User.id),
    col(EmailConfirmation.email) == col(User.email),
    col(EmailConfirmation.confirmed_at).is_not(None),
)
"""Whether a row confirms the address that a user has now."""


class ConfirmationRepository:
    """Confirmations in the database."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def is_confirmed(self, user_id: uuid.UUID) -> bool:
        """Whether the user's present address is confirmed."""
        statement = select(User.id).join(EmailConfirmation, IS_CONFIRMED).where(User.id == user_id)
        return (await self._session.exec(statement)).first() is not None

    async def request(self, user_id: uuid.UUID, email: str) -> None:
        """Note that an address is to get a link."""
        await self._write(user_id, {"email": email, "requested_at": utcnow(), "confirmed_at": None})

    async def confirm(self, user_id: uuid.UUID, email: str) -> None:
        """Note that an address is the user's."""
        await self._write(user_id, {"email": email, "requested_at": None, "confirmed_at": utcnow()})

    async def _write(self, user_id: uuid.UUID, values: dict[str, Any]) -> None:
        statement = insert(EmailConfirmation).values(user_id=user_id, **values)
        await self._session.exec(statement.on_conflict_do_update(index_elements=["user_id"], set_=values))


async def links_due(session: AsyncSession, limit: int = 50) -> Sequence[EmailConfirmation]:
    """Wishes of any user for a link, oldest first, as long as they are about the address that the user has."""
    wanted = col(EmailConfirmation.requested_at)
    statement = (
        select(EmailConfirmation)
        .join(User, (col(User.id) == EmailConfirmation.user_id) & (col(User.email) == EmailConfirmation.email))
        .where(col(User.is_active), wanted > utcnow() - LIFE)
    )
    return (await session.exec(statement.order_by(wanted).limit(limit))).all()


async def note_sent(session: AsyncSession, sent: Sequence[EmailConfirmation]) -> None:
    """Note that links need not be sent again, unless they were asked for anew meanwhile."""
    own = tuple_(col(EmailConfirmation.user_id), col(EmailConfirmation.requested_at))
    done = [(row.user_id, row.requested_at) for row in sent]
    await session.exec(update(EmailConfirmation).where(own.in_(done)).values(requested_at=None))
