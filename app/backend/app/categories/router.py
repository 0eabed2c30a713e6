"""Routes of categories."""

import uuid
from typing import Annotated

from fastapi import APIRouter, Depends, Response, status

from app.auth.dependencies import PrincipalDep, WriterDep
from app.categories.models import Category
from app.categories.schemas import CategoryCreate, CategoryPage, CategoryPatch, CategoryRead
from app.categories.service import CategoryService
from app.dependencies import SessionDep
from app.idempotency import OnceDep
from app.pagination import PageQueryDep, Slice

router = APIRouter(prefix="/categories", tags=["categories"])


async def _reader(principal: PrincipalDep, session: SessionDep) -> CategoryService:
    return CategoryService(session, principal.user_id)


async def _writer(principal: WriterDep, session: SessionDep) -> CategoryService:
    return CategoryService(session, principal.user_id)


Reader = Annotated[CategoryService, Depends(_reader)]
Writer = Annotated[CategoryService, Depends(_writer)]


@router.get("", response_model=CategoryPage)
async def list_categories(service: Reader, page: PageQueryDep) -> Slice[Category]:
    """The user's categories, by name."""
    return await service.page(page)


@router.post("", status_code=status.HTTP_201_CREATED, response_model=CategoryRead)
async def create_category(body: CategoryCreate, service: Writer, once: OnceDep) -> Response:
    """Add a category."""
    return await once.create(CategoryRead, lambda: service.create(body))


@router.get("/{category_id}", response_model=CategoryRead)
async def read_category(category_id: uuid.UUID, service: Reader) -> Category:
    """One category."""
    return await service.get(category_id)


@router.patch("/{category_id}", response_model=CategoryRead)
async def patch_category(category_id: uuid.UUID, body: CategoryPatch, service: Writer) -> Category:
    """Change a category."""
    return await service.patch(category_id, body)


@router.delete("/{category_id}", status_code=status.HTTP_204_NO_CONTENT)
async def delete_category(category_id: uuid.UUID, service: Writer) -> None:
    """Remove a category; its tasks are left without one."""
    await service.delete(category_id)
