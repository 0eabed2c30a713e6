"""Routes of sign-up, log-in and sessions."""

from fastapi import APIRouter, status

from app.auth.dependencies import AuthLimitsDep, AuthServiceDep, PrincipalDep
from app.auth.schemas import LoginRequest, RefreshRequest, SignupRequest, TokenPair
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
async def login(request: LoginRequest, service: AuthServiceDep, limits: AuthLimitsDep) -> TokenPair:
    """Open a session."""
    await limits.by_address("login")
    await limits.by_email("login", request.email)
    return await service.login(request)


@router.post("/refresh")
async def refresh(request: RefreshRequest, service: AuthServiceDep, limits: AuthLimitsDep) -> TokenPair:
    """Exchange a refresh token for a new pair of tokens."""
    await limits.by_address("refresh")
    return await service.refresh(request.refresh_token)


@router.post("/logout", status_code=status.HTTP_204_NO_CONTENT)
async def logout(principal: PrincipalDep, service: AuthServiceDep) -> None:
    """End the session: its access and refresh tokens are void at once."""
    await service.logout(principal.session_id)


@router.get("/me", response_model=UserRead)
async def read_me(principal: PrincipalDep) -> User:
    """The user of this session."""
    return principal.user


@router.delete("/me", status_code=status.HTTP_204_NO_CONTENT)
async def delete_me(principal: PrincipalDep, service: AuthServiceDep) -> None:
    """Remove the account and all that is in it, for good."""
    await service.delete_account(principal.user.id)
