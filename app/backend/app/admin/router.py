"""Routes of administrators; for everybody else they don't exist."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Query

from app.admin.schemas import Stats, UserAdminPatch, UserPage
from app.admin.service import AdminService
from app.auth.dependencies import PrincipalDep
from app.dependencies import SessionDep
from app.errors import NotFoundError
from app.pagination import PageQueryDep, Slice
from app.users.models import User
from app.users.schemas import UserRead

router = APIRouter(prefix="/admin", tags=["admin"])


async def _service(principal: PrincipalDep, session: SessionDep) -> AdminService:
    if not principal.is_admin:
        raise NotFoundError("There is no such page.")
    return AdminService(session, principal.user_id)


Service = Annotated[AdminService, Depends(_service)]


@router.get("/users", response_model=UserPage)
async def list_users(
    service: Service,
    page: PageQueryDep,
    search: Annotated[
        str | None, Query(max_length=100, pattern=r"^[^\x00]*$", description="In e-mail or username")
    ] = None,
) -> Slice[User]:
    """All users, newest first."""
    return await service.page(page, search)


@router.get("/users/{user_id}", response_model=UserRead)
async def read_user(user_id: uuid.UUID, service: Service) -> User:
    """One user."""
    return await service.get(user_id)


@router.patch("/users/{user_id}", response_model=UserRead)
async def patch_user(user_id: uuid.UUID, body: UserAdminPatch, service: Service) -> User:
    """Disable a user or take the account up again, make it read-only, make its user an administrator."""
    return await service.patch(user_id, body)


@router.get("/stats")
async def read_stats(service: Service) -> Stats:
    """How much there is."""
    return await service.stats()
