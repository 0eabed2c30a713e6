"""Tools for what tasks are sorted by: tags and categories."""

from app.categories.schemas import CategoryCreate, CategoryPatch
from app.pagination import PageQuery
from app.tags.schemas import TagCreate, TagPatch
from app.tools.schemas import (
    AddCategory,
    AddTag,
    CategoryView,
    CategoryViews,
    Deleted,
    OneCategory,
    OneTag,
    Paged,
    RenameTag,
    TagView,
    TagViews,
    UpdateCategory,
)
from app.tools.tool import Desk, Effect, ToolRegistry

TOOLS = ToolRegistry()


@TOOLS.add("List tags", Effect.READS)
async def list_tags(desk: Desk, request: Paged) -> TagViews:
    """The tags that there are, by name."""
    return TagViews.model_validate(await desk.tags.page(PageQuery(request.limit, request.cursor)))


@TOOLS.add("Add a tag", Effect.ADDS)
async def add_tag(desk: Desk, request: AddTag) -> TagView:
    """Make a tag. Not needed before using it: add_task and update_task make tags that are missing."""
    return TagView.model_validate(await desk.tags.create(TagCreate(name=request.name)))


@TOOLS.add("Rename a tag", Effect.CHANGES)
async def rename_tag(desk: Desk, request: RenameTag) -> TagView:
    """Rename a tag on every task that carries it."""
    return TagView.model_validate(await desk.tags.patch(request.tag_id, TagPatch(name=request.name)))


@TOOLS.add("Delete a tag", Effect.DELETES)
async def delete_tag(desk: Desk, request: OneTag) -> Deleted:
    """Remove a tag for good, also from the tasks that carry it."""
    tag = await desk.tags.get(request.tag_id)
    await desk.tags.delete(request.tag_id)
    return Deleted(id=tag.id, title=tag.name)


@TOOLS.add("List categories", Effect.READS)
async def list_categories(desk: Desk, request: Paged) -> CategoryViews:
    """The categories that there are, by name."""
    return CategoryViews.model_validate(await desk.categories.page(PageQuery(request.limit, request.cursor)))


@TOOLS.add("Add a category", Effect.ADDS)
async def add_category(desk: Desk, request: AddCategory) -> CategoryView:
    """Make a category. Not needed before using it: add_task and update_task make a category that is missing."""
    created = await desk.categories.create(CategoryCreate.model_validate(request.given()))
    return CategoryView.model_validate(created)


@TOOLS.add("Change a category", Effect.CHANGES)
async def update_category(desk: Desk, request: UpdateCategory) -> CategoryView:
    """Rename a category, or give it another color or icon."""
    changes = CategoryPatch.model_validate(request.given("category_id"))
    return CategoryView.model_validate(await desk.categories.patch(request.category_id, changes))


@TOOLS.add("Delete a category", Effect.DELETES)
async def delete_category(desk: Desk, request: OneCategory) -> Deleted:
    """Remove a category for good; its tasks stay, without one."""
    category = await desk.categories.get(request.category_id)
    await desk.categories.delete(request.category_id)
    return Deleted(id=category.id, title=category.name)
