"""Sign-up, log-in and the life of a session."""

import uuid
from datetime import timedelta

from sqlmodel.ext.asyncio.session import AsyncSession

from app.auth.better_auth import BetterAuthClaims
from app.auth.models import CLIENT_LENGTH, AuthSession
from app.auth.passwords import NO_PASSWORD, Passwords
from app.auth.repository import SessionRepository
from app.auth.schemas import AccountPatch, LoginRequest, ProgramToken, SignupRequest, TokenPair, TokenRequest
from app.auth.tokens import AccessClaims, AccessTokens, InvalidTokenError, Principal, RefreshToken
from app.confirmation.service import ConfirmationService
from app.errors import InvalidError, NotFoundError, UnauthorizedError
from app.fields import utcnow
from app.pagination import PageQuery, Slice
from app.settings import Settings
from app.users.models import User
from app.users.repository import UserRepository


class AuthService:
    """What a visitor can do to become a user, and a user to stay or leave."""

    def __init__(self, session: AsyncSession, passwords: Passwords, tokens: AccessTokens, settings: Settings) -> None:
        self._session = session
        self._users = UserRepository(session)
        self._sessions = SessionRepository(session)
        self._confirmations = ConfirmationService(session, settings)
        self._passwords = passwords
        self._tokens = tokens
        self._refresh_keys = settings.jwt_keys
        self._refresh_grace = timedelta(seconds=settings.refresh_token_grace)
        self._session_life = timedelta(days=settings.refresh_token_days)

    async def signup(self, request: SignupRequest) -> User:
        """Make an account; raises ConflictError or InvalidError that name the field."""
        password_hash = await self._passwords.hash(request.password)
        user = User(email=request.email, username=request.username, password_hash=password_hash)
        await self._users.save(user)
        await self._confirmations.request(user)
        return user

    async def login(self, request: LoginRequest, client: str | None) -> TokenPair:
        """Open a session for a client; raises UnauthorizedError without telling which part was wrong."""
        user = await self._users.by_email(request.email)
        # Verifying is slow: others may have the connection meanwhile.
        await self._session.commit()
        valid, new_hash = await self._passwords.verify(request.password, user.password_hash if user else None)
        if user is None or not valid or not user.is_active:
            raise UnauthorizedError("The e-mail address or the password is wrong.")
        if new_hash:
            user.password_hash = new_hash
        token = RefreshToken.generate(uuid.uuid4())
        await self._sessions.add(
            AuthSession(
                id=token.session_id,
                user_id=user.id,
                token_hash=token.hash,
                client=client and client[:CLIENT_LENGTH],
                expires_at=utcnow() + self._session_life,
            )
        )
        return self._pair(user.id, token)

    async def refresh(self, presented: str) -> TokenPair:
        """Exchange a refresh token; one that was exchanged before ends its whole session.

        The token before the current one is good for a short grace longer, and gives the same new token again: two tabs
        that wake at once, or a client that lost the answer, are no thieves.
        """
        try:
            old = RefreshToken.parse(presented)
        except InvalidTokenError:
            raise _refused() from None
        # While the key is being changed, another replica may have exchanged the token just now by the other key.
        for key in self._refresh_keys:
            new = old.successor(key)
            if user_id := await self._sessions.rotate(old, new, self._refresh_grace):
                return self._pair(user_id, new)
        await self._sessions.revoke(old.session_id)
        await self._session.commit()  # the error that follows must not undo it
        raise _refused()

    async def user_of(self, claims: AccessClaims) -> Principal | None:
        """The user that an access token speaks for, if its session is open."""
        principal = await self._sessions.live_user(claims.session_id)
        return principal if principal and principal.user_id == claims.user_id else None

    async def user_of_better_auth(self, claims: BetterAuthClaims) -> Principal | None:
        """The user that a Better Auth token speaks for, if it was not revoked; made when they first come.

        An account that was made here is theirs only if Better Auth has verified the e-mail address.
        """
        if principal := await self._sessions.live_user(claims.session_id):
            return principal
        user = await self._users.by_id(claims.user_id) or await self._join(claims)
        if user is None or not user.is_active:
            return None
        if claims.email_verified and claims.email == user.email:
            await self._confirmations.verified(user)
        auth_session = AuthSession(
            id=claims.session_id,
            user_id=user.id,
            token_hash=b"",  # there is nothing to refresh
            client="Better Auth",
            expires_at=min(claims.expires_at, utcnow() + self._session_life),
        )
        if not await self._sessions.add(auth_session):
            return None
        return Principal(user.id, claims.session_id, is_user=user.is_user, is_admin=user.is_admin)

    async def sessions(self, user_id: uuid.UUID, query: PageQuery) -> Slice[AuthSession]:
        """A page of the user's open sessions, newest first."""
        return await self._sessions.page(user_id, query.limit, query.cursor)

    async def account(self, user_id: uuid.UUID) -> User:
        """A user; raises NotFoundError."""
        user = await self._users.by_id(user_id)
        if user is None:
            raise NotFoundError("There is no such account.")
        return user

    async def create_token(self, user_id: uuid.UUID, request: TokenRequest) -> ProgramToken:
        """Open a session that a program uses by one token until it expires; raises InvalidError."""
        user = await self.account(user_id)
        await self._check_password(user, request.current_password)
        expires_at = (utcnow() + timedelta(days=request.days)).replace(microsecond=0)
        token = RefreshToken.generate(uuid.uuid4())  # nobody is told it
        await self._sessions.add(
            AuthSession(
                id=token.session_id,
                user_id=user.id,
                token_hash=token.hash,
                client=request.name,
                expires_at=expires_at,
            )
        )
        claims = AccessClaims(user_id=user.id, session_id=token.session_id)
        access_token = self._tokens.issue(claims, expires_at)
        return ProgramToken(session_id=token.session_id, access_token=access_token, expires_at=expires_at)

    async def end_session(self, user_id: uuid.UUID, session_id: uuid.UUID) -> None:
        """End one of the user's sessions; raises NotFoundError."""
        if not await self._sessions.revoke_of_user(user_id, session_id):
            raise NotFoundError("There is no such session.")

    async def end_all_sessions(self, user_id: uuid.UUID) -> None:
        """Log the user out everywhere."""
        await self._sessions.revoke_all(user_id)

    async def change_account(self, user_id: uuid.UUID, session_id: uuid.UUID, request: AccountPatch) -> User:
        """Change the account; a new e-mail address or password needs the old password and ends all other sessions."""
        changes = request.profile()
        user = await self.account(user_id)
        if request.needs_password:
            await self._check_password(user, request.current_password)
            if "password" in request.model_fields_set:
                changes["password_hash"] = await self._passwords.hash(request.password)
            await self._sessions.revoke_all(user.id, but=session_id)
        for name, value in changes.items():
            setattr(user, name, value)
        await self._users.save(user)
        if "email" in changes:
            await self._confirmations.request(user)
        return user

    async def delete_account(self, user_id: uuid.UUID) -> None:
        """Remove a user and all that is theirs."""
        await self._users.remove(user_id)

    async def _check_password(self, user: User, password: str) -> None:
        # Verifying is slow: others may have the connection meanwhile.
        await self._session.commit()
        valid, _ = await self._passwords.verify(password, user.password_hash)
        if not valid:
            raise InvalidError("current_password", "is wrong")

    async def _join(self, claims: BetterAuthClaims) -> User | None:
        if claims.email is None:
            return None
        await self._users.add_unless_taken(User(id=claims.user_id, email=claims.email, password_hash=NO_PASSWORD))
        user = await self._users.by_email(claims.email)
        return user if user and (claims.email_verified or user.id == claims.user_id) else None

    def _pair(self, user_id: uuid.UUID, refresh_token: RefreshToken) -> TokenPair:
        access_token = self._tokens.issue(AccessClaims(user_id=user_id, session_id=refresh_token.session_id))
        return TokenPair(access_token=access_token, refresh_token=refresh_token.value, expires_in=self._tokens.lifetime)


def _refused() -> UnauthorizedError:
    return UnauthorizedError("The refresh token is not valid.")
