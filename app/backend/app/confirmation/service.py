"""How an address is confirmed."""

import uuid

from sqlmodel.ext.asyncio.session import AsyncSession

from app.auth.tokens import InvalidTokenError
from app.confirmation.links import Links
from app.confirmation.repository import ConfirmationRepository
from app.confirmation.schemas import ConfirmationRead
from app.errors import NotFoundError
from app.settings import Settings
from app.users.models import User
from app.users.repository import UserRepository


class ConfirmationService:
    """Asks for links, and takes what they bring back."""

    def __init__(self, session: AsyncSession, settings: Settings) -> None:
        self._users = UserRepository(session)
        self._confirmations = ConfirmationRepository(session)
        self._links = Links(settings)
        self._enabled = bool(settings.smtp_host)

    async def state(self, user_id: uuid.UUID) -> ConfirmationRead:
        """How it stands with a user's address."""
        return ConfirmationRead(enabled=self._enabled, confirmed=await self._confirmations.is_confirmed(user_id))

    async def request(self, user: User) -> None:
        """Have a link sent to a user's address, where e-mail is sent, unless it is confirmed."""
        if self._enabled and not await self._confirmations.is_confirmed(user.id):
            await self._confirmations.request(user.id, user.email)

    async def verified(self, user: User) -> None:
        """Take a user's address as theirs on somebody else's word."""
        await self._confirmations.confirm(user.id, user.email)

    async def confirm(self, token: str) -> None:
        """Take an address as the user's; raises NotFoundError that tells nothing of why."""
        try:
            user_id, email = self._links.read(token)
        except InvalidTokenError:
            raise _refused() from None
        user = await self._users.by_id(user_id)
        if user is None or user.email != email:
            raise _refused()
        await self._confirmations.confirm(user_id, email)


def _refused() -> NotFoundError:
    return NotFoundError("This link is not valid any more. Ask for a new one.")
