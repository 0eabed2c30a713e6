"""Routes of sign-up, log-in, sessions and the account."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Header, status

from app.auth.dependencies import AuthLimitsDep, AuthServiceDep, PrincipalDep, WriterDep
from app.auth.schemas import (
    AccountPatch,
    LoginRequest,
    ProgramToken,
    RefreshRequest,
    SessionPage,
    SessionRead,
    SignupRequest,
    TokenPair,
    TokenRequest,
)
from app.pagination import PageQueryDep
from app.users.models import User
from app.users.schemas import UserRead

router = APIRouter(prefix="/auth", tags=["auth"])


@router.post("/signup", status_code=status.HTTP_201_CREATED, response_model=UserRead)
async def signup(request: SignupRequest, service: AuthServiceDep, limits: AuthLimitsDep) -> User:
    """Make an account."""
    await limits.by_address("signup")
    await limits.by_email("signup", request.email)
    return await service.signup(request)


@router.post("/login")
async def login(
    request: LoginRequest,
    service: AuthServiceDep,
    limits: AuthLimitsDep,
    user_agent: Annotated[str | None, Header(include_in_schema=False)] = None,
) -> TokenPair:
    """Open a session."""
    await limits.by_address("login")
    await limits.by_email("login", request.email)
    return await service.login(request, user_agent)


@router.post("/refresh")
async def refresh(request: RefreshRequest, service: AuthServiceDep, limits: AuthLimitsDep) -> TokenPair:
    """Exchange a refresh token for a new pair of tokens."""
    await limits.by_address("refresh")
    return await service.refresh(request.refresh_token)


@router.post("/tokens", status_code=status.HTTP_201_CREATED)
async def create_token(
    request: TokenRequest, principal: WriterDep, service: AuthServiceDep, limits: AuthLimitsDep
) -> ProgramToken:
    """Make a token for a program that can't log in; it is among the sessions, and ends with its own."""
    await limits.by_email("password", str(principal.user_id))
    return await service.create_token(principal.user_id, request)


@router.post("/logout", status_code=status.HTTP_204_NO_CONTENT)
async def logout(principal: PrincipalDep, service: AuthServiceDep) -> None:
    """End the session: its access and refresh tokens are void at once."""
    await service.end_session(principal.user_id, principal.session_id)


@router.get("/sessions")
async def list_sessions(principal: PrincipalDep, service: AuthServiceDep, page: PageQueryDep) -> SessionPage:
    """The user's open sessions, newest first."""
    part = await service.sessions(principal.user_id, page)
    items = [SessionRead.model_validate(item) for item in part.items]
    return SessionPage(items=items, next_cursor=part.next_cursor, current=principal.session_id)


@router.delete("/sessions", status_code=status.HTTP_204_NO_CONTENT)
async def end_all_sessions(principal: PrincipalDep, service: AuthServiceDep) -> None:
    """Log out everywhere, here too."""
    await service.end_all_sessions(principal.user_id)


@router.delete("/sessions/{session_id}", status_code=status.HTTP_204_NO_CONTENT)
async def end_session(session_id: uuid.UUID, principal: PrincipalDep, service: AuthServiceDep) -> None:
    """End one session: its tokens are void at once."""
    await service.end_session(principal.user_id, session_id)


@router.get("/me", response_model=UserRead)
async def read_me(principal: PrincipalDep, service: AuthServiceDep) -> User:
    """The user of this session."""
    return await service.account(principal.user_id)


@router.patch("/me", response_model=UserRead)
async def change_me(
    request: AccountPatch, principal: WriterDep, service: AuthServiceDep, limits: AuthLimitsDep
) -> User:
    """Change the account. A new e-mail address or password ends all other sessions."""
    if request.needs_password:
        await limits.by_email("password", str(principal.user_id))
    if "email" in request.model_fields_set:
        await limits.by_letters(principal.user_id)
    return await service.change_account(principal.user_id, principal.session_id, request)


@router.delete("/me", status_code=status.HTTP_204_NO_CONTENT)
async def delete_me(principal: WriterDep, service: AuthServiceDep) -> None:
    """Remove the account and all that is in it, for good."""
    await service.delete_account(principal.user_id)
