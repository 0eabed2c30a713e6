"""Who is calling, and how often they may."""

import uuid
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPBearer
from fastapi.security.utils import get_authorization_scheme_param
from limits import RateLimitItemPerHour, RateLimitItemPerMinute

from app.auth.better_auth import BetterAuthTokens
from app.auth.passwords import Passwords
from app.auth.service import AuthService
from app.auth.tokens import AccessTokens, ForeignTokenError, InvalidTokenError, Principal
from app.dependencies import SessionDep, SettingsDep
from app.errors import ForbiddenError, UnauthorizedError
from app.ratelimit import RateLimiter, address_subject
from app.settings import Settings

_LETTERS_AN_HOUR = 5


class _Bearer(HTTPBearer):
    async def __call__(self, request: Request) -> str:  # type: ignore[override]
        """The token that came with the request; nothing about it is checked."""
        scheme, token = get_authorization_scheme_param(request.headers.get("Authorization"))
        if scheme.lower() != "bearer" or not token:
            raise UnauthorizedError("An access token is needed.")
        return token


BearerDep = Annotated[str, Depends(_Bearer(scheme_name="bearer", bearerFormat="JWT"))]


async def get_auth_service(request: Request, session: SessionDep) -> AuthService:
    """The service for one request."""
    passwords: Passwords = request.app.state.passwords
    tokens: AccessTokens = request.app.state.tokens
    settings: Settings = request.app.state.settings
    return AuthService(session, passwords, tokens, settings)


AuthServiceDep = Annotated[AuthService, Depends(get_auth_service)]


async def get_principal(request: Request, session: SessionDep, token: BearerDep) -> Principal:
    """The caller, by their access token; its session must still be open."""
    service = await get_auth_service(request, session)
    tokens: AccessTokens = request.app.state.tokens
    better_auth: BetterAuthTokens = request.app.state.better_auth
    try:
        try:
            principal = await service.user_of(tokens.read(token))
        except ForeignTokenError:
            principal = await service.user_of_better_auth(better_auth.read(token))
    except InvalidTokenError:
        raise UnauthorizedError("The access token is not valid.") from None
    if principal is None:
        raise UnauthorizedError("The session has ended.")
    return principal


PrincipalDep = Annotated[Principal, Depends(get_principal)]


async def get_writer(principal: PrincipalDep) -> Principal:
    """The caller, if they may change things."""
    if not principal.is_user:
        raise ForbiddenError("This account is read-only.")
    return principal


WriterDep = Annotated[Principal, Depends(get_writer)]


async def get_admin(principal: WriterDep) -> Principal:
    """The caller, if they may manage others."""
    if not principal.is_admin:
        raise ForbiddenError("This is for administrators.")
    return principal


AdminDep = Annotated[Principal, Depends(get_admin)]


class AuthLimits:
    """The limits of the routes that anyone can call; there is no way to turn them off."""

    def __init__(self, limiter: RateLimiter, settings: Settings, address: str) -> None:
        self._limiter = limiter
        self._settings = settings
        self._address = address_subject(address)

    async def by_address(self, scope: str) -> None:
        """Count a request of this client."""
        limit = RateLimitItemPerMinute(self._settings.auth_rate_limit_address)
        await self._limiter.hit(limit, f"{scope}-address", self._address)

    async def by_email(self, scope: str, email: str) -> None:
        """Count a request about this account."""
        limit = RateLimitItemPerMinute(self._settings.auth_rate_limit_email)
        await self._limiter.hit(limit, f"{scope}-email", email)

    async def by_letters(self, user_id: uuid.UUID) -> None:
        """Count a letter that a user has sent to an address, which may be somebody else's."""
        await self._limiter.hit(RateLimitItemPerHour(_LETTERS_AN_HOUR), "letters", str(user_id))


async def _get_limits(request: Request, settings: SettingsDep) -> AuthLimits:
    return AuthLimits(request.app.state.limiter, settings, request.client.host if request.client else "")


AuthLimitsDep = Annotated[AuthLimits, Depends(_get_limits)]
