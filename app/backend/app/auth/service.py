"""Sign-up, log-in and the life of a session."""

import uuid
from datetime import timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from app.auth.models import AuthSession
from app.auth.passwords import Passwords
from app.auth.repository import SessionRepository
from app.auth.schemas import LoginRequest, SignupRequest, TokenPair
from app.auth.tokens import AccessClaims, AccessTokens, InvalidTokenError, RefreshToken
from app.errors import UnauthorizedError
from app.fields import utcnow
from app.users.models import User
from app.users.repository import UserRepository


class AuthService:
    """What a visitor can do to become a user, and a user to stay or leave."""

    def __init__(self, session: AsyncSession, passwords: Passwords, tokens: AccessTokens, session_days: int) -> None:
        self._session = session
        self._users = UserRepository(session)
        self._sessions = SessionRepository(session)
        self._passwords = passwords
        self._tokens = tokens
        self._session_life = timedelta(days=session_days)

    async def signup(self, request: SignupRequest) -> User:
        """Make an account; raises ConflictError or InvalidError that name the field."""
        password_hash = await self._passwords.hash(request.password)
        return await self._users.add(User(email=request.email, username=request.username, password_hash=password_hash))

    async def login(self, request: LoginRequest) -> TokenPair:
        """Open a session; raises UnauthorizedError without telling which part was wrong."""
        user = await self._users.by_email(request.email)
        # Verifying is slow: others may have the connection meanwhile.
        await self._session.commit()
        valid, new_hash = await self._passwords.verify(request.password, user.password_hash if user else None)
        if user is None or not valid or not user.is_active:
            raise UnauthorizedError("The e-mail address or the password is wrong.")
        if new_hash:
            user.password_hash = new_hash
        return await self._open_session(user.id)

    async def refresh(self, presented: str) -> TokenPair:
        """Exchange a refresh token; one that was exchanged before ends its whole session."""
        try:
            old = RefreshToken.parse(presented)
        except InvalidTokenError:
            raise _refused() from None
        new = RefreshToken.generate(old.session_id)
        user_id = await self._sessions.rotate(old.session_id, old.hash, new.hash)
        if user_id is None:
            await self._sessions.revoke(old.session_id)
            await self._session.commit()  # the error that follows must not undo it
            raise _refused()
        return self._pair(user_id, new)

    async def logout(self, session_id: uuid.UUID) -> None:
        """End a session."""
        await self._sessions.revoke(session_id)

    async def delete_account(self, user_id: uuid.UUID) -> None:
        """Remove a user and all that is theirs."""
        await self._users.remove(user_id)

    async def _open_session(self, user_id: uuid.UUID) -> TokenPair:
        token = RefreshToken.generate(uuid.uuid4())
        await self._sessions.add(
            AuthSession(
                id=token.session_id,
                user_id=user_id,
                token_hash=token.hash,
                expires_at=utcnow() + self._session_life,
            )
        )
        return self._pair(user_id, token)

    def _pair(self, user_id: uuid.UUID, refresh_token: RefreshToken) -> TokenPair:
        access_token = self._tokens.issue(AccessClaims(user_id=user_id, session_id=refresh_token.session_id))
        return TokenPair(access_token=access_token, refresh_token=refresh_token.value, expires_in=self._tokens.lifetime)


def _refused() -> UnauthorizedError:
    return UnauthorizedError("The refresh token is not valid.")
