"""What administrators see and do."""

import uuid
from datetime import datetime

from sqlalchemy import func, literal, text
from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from app.admin.schemas import Stats, UserAdminPatch
from app.attachments.models import Attachment
from app.auth.models import AuthSession
from app.errors import ConflictError, NotFoundError
from app.fields import utcnow
from app.pagination import Order, PageQuery, Slice
from app.users.models import User

_NEWEST = Order[User](
    "-created_at",
    col(User.created_at),
    col(User.id),
    datetime,
    lambda user: (user.created_at, user.id),
    descending=True,
)


class AdminService:
    """All users, for one who may see them."""

    def __init__(self, session: AsyncSession, admin_id: uuid.UUID) -> None:
        self._session = session
        self._admin_id = admin_id

    async def page(self, query: PageQuery, search: str | None) -> Slice[User]:
        """A page of the users, newest first."""
        statement = select(User)
        if search:
            fields = (col(User.email), col(User.username))
            statement = statement.where(or_(*(field.icontains(search, autoescape=True) for field in fields)))
        rows = (await self._session.exec(_NEWEST.apply(statement, query.limit, query.cursor))).all()
        return _NEWEST.cut(rows, query.limit)

    async def get(self, user_id: uuid.UUID) -> User:
        """One user; raises NotFoundError."""
        user = await self._session.get(User, user_id, with_for_update=True)
        if user is None:
            raise NotFoundError("There is no such user.")
        return user

    async def patch(self, user_id: uuid.UUID, request: UserAdminPatch) -> User:
        """Set what the request names; raises ConflictError for what would lock the administrator out."""
        user = await self.get(user_id)
        for name, value in request.model_dump(exclude_unset=True).items():
            if user_id == self._admin_id and name != "is_user" and not value:
                raise ConflictError(name, "can't be taken from oneself")
            setattr(user, name, value)
        self._session.add(user)
        await self._session.flush()
        return user

    async def stats(self) -> Stats:
        """How much there is."""
        alive = (col(AuthSession.revoked_at).is_(None), col(AuthSession.expires_at) > utcnow())
        tasks = text("SELECT greatest(reltuples, 0)::bigint FROM pg_class WHERE oid = 'tasks'::regclass")
        users = select(func.count(col(User.id)), func.count(col(User.id)).filter(col(User.is_active)))
        files = select(func.count(col(Attachment.id)), func.coalesce(func.sum(Attachment.file_size), literal(0)))
        all_users, active_users = (await self._session.exec(users)).one()
        attachments, attachment_bytes = (await self._session.exec(files)).one()
        connection = await self._session.connection()
        return Stats(
            users=all_users,
            active_users=active_users,
            tasks=(await connection.execute(tasks)).scalar_one(),
            open_sessions=(await self._session.exec(select(func.count(col(AuthSession.id))).where(*alive))).one(),
            attachments=attachments,
            attachment_bytes=attachment_bytes,
        )
