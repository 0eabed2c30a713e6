"""Sessions in the database: each among others that are a little less or more than it."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI

from app.auth.models import AuthSession
from app.auth.repository import SessionRepository
from app.auth.tokens import RefreshToken
from app.fields import utcnow
from app.users.models import User
from app.users.repository import UserRepository

pytestmark = pytest.mark.anyio

USERS = [uuid.UUID(int=number) for number in (1, 2, 3)]
HIS = USERS[1]
OLD, NEW = (RefreshToken(uuid.UUID(int=22), value) for value in ("old", "new"))
SESSIONS = {uuid.UUID(int=10 * tens + user.int): user for tens in (1, 2, 3) for user in USERS}
"""Three of each user, of which every one has the same token."""
OF_HIM = {id_ for id_, user in SESSIONS.items() if user == HIS}
NOW = utcnow()


@pytest.fixture
async def sessions(app: FastAPI, client: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr("app.auth.repository.utcnow", lambda: NOW)
    async with app.state.database.session() as session:
        for user in USERS:
            await UserRepository(session).save(User(id=user, email=f"{user.int}@example.com", password_hash="-"))
        for id_, user in SESSIONS.items():
            await SessionRepository(session).add(new_session(id_, user))
    async with app.state.database.session() as session:
        yield SessionRepository(session)


def new_session(id_: uuid.UUID, user: uuid.UUID) -> AuthSession:
    life = timedelta(days=1)
    return AuthSession(id=id_, user_id=user, token_hash=OLD.hash, last_used_at=NOW, expires_at=NOW + life)


async def revoked(sessions: SessionRepository) -> set[uuid.UUID]:
    return {id_ for id_ in SESSIONS if await sessions.live_user(id_) is None}


async def test_a_session_is_stored_once(sessions: SessionRepository) -> None:
    assert await sessions.add(new_session(uuid.UUID(int=25), HIS)) is True
    assert await sessions.add(new_session(uuid.UUID(int=25), USERS[0])) is False


async def test_a_session_speaks_for_its_user_only(sessions: SessionRepository, database: Any) -> None:
    for id_, user in SESSIONS.items():
        principal = await sessions.live_user(id_)
        assert principal is not None
        assert (principal.user_id, principal.session_id) == (user, id_)
    assert await sessions.live_user(uuid.UUID(int=25)) is None
    await database.execute("UPDATE users SET is_active = false WHERE id = $1", HIS)
    assert await revoked(sessions) == OF_HIM


async def test_a_page_is_of_one_user(sessions: SessionRepository) -> None:
    assert {item.id for item in (await sessions.page(HIS, 10, None)).items} == OF_HIM


async def test_one_session_gets_another_token(sessions: SessionRepository, database: Any) -> None:
    assert await sessions.rotate(OLD, NEW, timedelta(0)) == HIS
    await sessions._session.commit()  # noqa: SLF001  # to see it from outside
    changed = await database.fetch("SELECT id FROM sessions WHERE token_hash <> $1", OLD.hash)
    assert [row["id"] for row in changed] == [OLD.session_id]


@pytest.mark.parametrize("stored", [b"", b"\xff" * 40])
async def test_any_other_token_gets_none(sessions: SessionRepository, database: Any, stored: bytes) -> None:
    await database.execute("UPDATE sessions SET token_hash = $1", stored)
    assert await sessions.rotate(OLD, NEW, timedelta(days=1)) is None


async def test_grace_and_life_end_to_the_moment(sessions: SessionRepository, database: Any) -> None:
    await database.execute("UPDATE sessions SET token_hash = $1", NEW.hash)
    assert await sessions.rotate(OLD, NEW, timedelta(0)) is None
    assert await sessions.rotate(OLD, NEW, timedelta(microseconds=1)) == HIS
    await sessions._session.rollback()  # noqa: SLF001
    await database.execute("UPDATE sessions SET expires_at = $1 WHERE id = $2", NOW, OLD.session_id)
    assert await revoked(sessions) == {OLD.session_id}


async def test_what_is_ended_is_that_and_no_other(sessions: SessionRepository) -> None:
    others = [id_ for id_ in SESSIONS if id_ not in OF_HIM]
    assert [await sessions.revoke_of_user(HIS, id_) for id_ in others] == [False] * len(others)
    assert await sessions.revoke_of_user(HIS, OLD.session_id) is True
    assert await revoked(sessions) == {OLD.session_id}
    await sessions.revoke(uuid.UUID(int=21))
    assert await revoked(sessions) == {OLD.session_id, uuid.UUID(int=21)}
    await sessions.revoke_all(HIS, but=uuid.UUID(int=32))
    assert await revoked(sessions) == {uuid.UUID(int=number) for number in (12, 21, 22)}
    await sessions.revoke_all(HIS)
    assert await revoked(sessions) == OF_HIM | {uuid.UUID(int=21)}
