"""A POST that is repeated under the same key is done once, and answered alike."""

import hashlib
import uuid
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Depends, Header, Request, Response
from pydantic import BaseModel
from sqlalchemy import DateTime
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Field, SQLModel, col, delete, select, update
from sqlmodel.ext.asyncio.session import AsyncSession

from app.auth.dependencies import PrincipalDep
from app.dependencies import SessionDep
from app.errors import InvalidError
from app.fields import utcnow

KEY_LENGTH = 255
LIFE = timedelta(days=1)


class IdempotencyKey(SQLModel, table=True):
    """A request that was done, and its answer; both are written in one transaction."""

    __tablename__ = "idempotency_keys"

    user_id: uuid.UUID = Field(foreign_key="users.id", ondelete="CASCADE", primary_key=True)
    key: str = Field(max_length=KEY_LENGTH, primary_key=True)
    request_hash: bytes
    status: int | None = None
    location: str | None = Field(default=None, max_length=500)
    body: bytes | None = None
    created_at: datetime = Field(default_factory=utcnow, sa_type=DateTime(timezone=True), index=True)


class Once:
    """Does what a request asks for, unless one with the same key did it before."""

    def __init__(self, request: Request, session: AsyncSession, user_id: uuid.UUID, key: str | None) -> None:
        self._request = request
        self._session = session
        self._user_id = user_id
        self._key = key

    async def create(
        self, schema: type[BaseModel], action: Callable[[], Awaitable[Any]], fingerprint: bytes | None = None
    ) -> Response:
        """Answer 201 with what the action made, and where it is."""
        return await self._run(schema, action, HTTPStatus.CREATED, fingerprint)

    async def do(
        self, schema: type[BaseModel], action: Callable[[], Awaitable[Any]], fingerprint: bytes | None = None
    ) -> Response:
        """Answer 200 with what the action gave."""
        return await self._run(schema, action, HTTPStatus.OK, fingerprint)

    async def _run(
        self,
        schema: type[BaseModel],
        action: Callable[[], Awaitable[Any]],
        status: HTTPStatus,
        fingerprint: bytes | None,
    ) -> Response:
        if self._key and (done := await self._claim(self._key, fingerprint)):
            return _response(done.status or status, done.body or b"", done.location)
        result = await action()
        body = schema.model_validate(result).model_dump_json().encode()
        location = f"{self._request.url.path}/{result.id}" if status is HTTPStatus.CREATED else None
        if self._key:
            await self._session.exec(
                update(IdempotencyKey)
                .where(col(IdempotencyKey.user_id) == self._user_id, col(IdempotencyKey.key) == self._key)
                .values(status=status, location=location, body=body)
            )
        return _response(status, body, location)

    async def _claim(self, key: str, fingerprint: bytes | None) -> IdempotencyKey | None:
        """Take the key, or give the answer that is held under it; a request that has it now is waited for."""
        table = IdempotencyKey
        own = col(table.user_id) == self._user_id
        await self._session.exec(delete(table).where(own, col(table.created_at) < utcnow() - LIFE))
        request_hash = await self._hash(fingerprint)
        row = {"user_id": self._user_id, "key": key, "request_hash": request_hash, "created_at": utcnow()}
        taken = insert(table).values(row).on_conflict_do_nothing().returning(col(table.key))
        if (await self._session.exec(taken)).first():
            return None
        done = (await self._session.exec(select(table).where(own, table.key == key))).one()
        if done.request_hash != request_hash:
            raise InvalidError("Idempotency-Key", "was used for another request", "header")
        return done

    async def _hash(self, fingerprint: bytes | None) -> bytes:
        content = fingerprint if fingerprint is not None else await self._request.body()
        head = f"{self._request.method} {self._request.url.path}?{self._request.url.query}\n"
        return hashlib.sha256(head.encode() + content).digest()


async def _get_once(
    request: Request,
    session: SessionDep,
    principal: PrincipalDep,
    key: Annotated[
        str | None,
        Header(
            alias="Idempotency-Key",
            max_length=KEY_LENGTH,
            pattern="^[!-~]+$",
            description="For a day, a request repeated under the same key gets the first one's answer",
        ),
    ] = None,
) -> Once:
    return Once(request, session, principal.user_id, key)


OnceDep = Annotated[Once, Depends(_get_once)]


def _response(status: int, body: bytes, location: str | None) -> Response:
    headers = {"Location": location} if location else None
    return Response(body, status, headers, media_type="application/json")
