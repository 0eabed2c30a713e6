"""Tokens as Better Auth's JWT plugin makes them, signed with the shared secret."""

import asyncio
import time
import uuid
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest
from httpx import AsyncClient

from app.auth.better_auth import BetterAuthTokens
from app.auth.tokens import InvalidTokenError
from tests.conftest import PASSWORD, SECRET, Caller, assert_problem, log_in, make_settings

pytestmark = pytest.mark.anyio

URL = "http://localhost:30000"


def _token(
    secret: str = SECRET, algorithm: str = "HS256", headers: dict[str, Any] | None = None, **changes: Any
) -> str:
    """The plugin's claims: the user's row, and its own address as issuer and audience."""
    now = int(time.time())
    payload = {
        "iat": now,
        "name": "Ann",
        "email": "ann@example.com",
        "emailVerified": False,
        "image": None,
        "createdAt": "2026-01-20T10:00:00.000Z",
        "updatedAt": "2026-01-20T10:00:00.000Z",
        "id": "kX3vQz8mN1pR5tY7wB2cD4fG6hJ9lA0s",
        "sub": "kX3vQz8mN1pR5tY7wB2cD4fG6hJ9lA0s",
        # The tokens of parameters are made long before the tests run.
        "exp": now + 86400,
        "iss": URL,
        "aud": URL,
    } | changes
    kept = {name: value for name, value in payload.items() if value is not ...}
    return jwt.encode(kept, secret, algorithm, headers=headers)


async def _call(client: AsyncClient, token: str, method: str = "GET", path: str = "/auth/me") -> Any:
    return await Caller(client, "", token, "").call(method, path)


async def test_a_user_of_better_auth_is_a_user_here(client: AsyncClient, database: Any) -> None:
    me = (await _call(client, _token())).json()
    assert me["email"] == "ann@example.com"
    again = (await _call(client, _token(exp=int(time.time()) + 60))).json()
    assert again == me
    caller = Caller(client, "", _token(), "")
    await caller.add_task("Water the plants")
    assert len((await caller.call("GET", "/tasks")).json()["items"]) == 1


async def test_an_account_of_better_auth_has_no_password_here(client: AsyncClient) -> None:
    assert (await _call(client, _token())).status_code == 200
    for password in ("!", PASSWORD):
        body = {"email": "ann@example.com", "password": password}
        assert_problem(await client.post("/api/v1/auth/login", json=body), 401)


async def test_first_requests_at_once_make_one_user(client: AsyncClient, database: Any) -> None:
    responses = await asyncio.gather(*(_call(client, _token(jti=str(number))) for number in range(4)))
    assert [response.status_code for response in responses] == [200] * 4
    assert await database.fetchval("SELECT count(*) FROM users") == 1


async def test_a_shared_table_of_users_is_met_by_id(client: AsyncClient, ann: Caller, database: Any) -> None:
    ann_id = await database.fetchval("SELECT id FROM users")
    token = _token(sub=str(ann_id), email="ann@elsewhere.example")
    assert (await _call(client, token)).json()["email"] == ann.email
    no_address = _token(sub=str(ann_id), email=...)
    assert (await _call(client, no_address)).json()["email"] == ann.email


async def test_an_account_made_here_is_joined_by_a_verified_address_only(client: AsyncClient, ann: Caller) -> None:
    for claim in (False, 1, "true"):
        assert_problem(await _call(client, _token(emailVerified=claim)), 401)
    for number in (1, 2**128 - 1):
        assert_problem(await _call(client, _token(sub=str(uuid.UUID(int=number)))), 401)
    verified = _token(emailVerified=True, email="ANN@example.com")
    mine, joined = await ann.call("GET", "/auth/me"), await _call(client, verified)
    assert joined.json() == mine.json()
    await log_in(client, ann.email)


async def test_an_address_that_better_auth_has_verified_is_confirmed(client: AsyncClient, database: Any) -> None:
    async def is_confirmed(**claims: Any) -> bool:
        return bool((await _call(client, _token(**claims), path="/auth/confirmation")).json()["confirmed"])

    assert not await is_confirmed()
    for other in ("ann@elsewhere.example", "ann@zebra.example"):
        assert not await is_confirmed(emailVerified=True, email=other)
    assert await is_confirmed(emailVerified=True)
    assert await is_confirmed(jti="later")


@pytest.mark.parametrize("email", [..., None, 7, "", "no address", "a@" + "b" * 250 + ".com", "nul\0@example.com"])
async def test_a_stranger_without_an_address_is_refused(client: AsyncClient, email: Any, database: Any) -> None:
    assert_problem(await _call(client, _token(email=email)), 401)
    assert await database.fetchval("SELECT count(*) FROM users") == 0


async def test_a_token_is_a_session_that_can_be_ended(client: AsyncClient, database: Any) -> None:
    token, other = _token(), _token(jti="other")
    listed = (await _call(client, token, path="/auth/sessions")).json()["items"]
    assert [item["client"] for item in listed] == ["Better Auth"]
    assert (await _call(client, token, "POST", "/auth/logout")).status_code == 204
    assert_problem(await _call(client, token), 401)
    # The last character of a signature has bits that mean nothing.
    twin = token[:-1] + chr(ord(token[-1]) + 1)
    assert_problem(await _call(client, twin), 401)
    assert (await _call(client, other)).status_code == 200


async def test_a_token_lasts_no_longer_than_a_session_may(client: AsyncClient, database: Any) -> None:
    assert (await _call(client, _token(exp=int(time.time()) + 365 * 86400))).status_code == 200
    days = await database.fetchval("SELECT extract(day FROM expires_at - created_at)::int FROM sessions")
    assert days in {29, 30}
    exact = int(time.time()) + 900
    assert (await _call(client, _token(exp=exact))).status_code == 200
    assert await database.fetchval("SELECT min(extract(epoch FROM expires_at))::int FROM sessions") == exact


async def test_an_inactive_user_is_out(client: AsyncClient, database: Any) -> None:
    assert (await _call(client, _token())).status_code == 200
    await database.execute("UPDATE users SET is_active = false")
    assert_problem(await _call(client, _token()), 401)
    assert_problem(await _call(client, _token(jti="new")), 401)


@pytest.mark.parametrize(
    "token",
    [
        _token(secret=SECRET[::-1]),
        _token(secret="", algorithm="none"),
        _token(secret=2 * SECRET, algorithm="HS512"),
        _token(secret=2 * SECRET[:32], algorithm="HS512"),
        _token(exp=int(time.time()) - 1),
        _token(iat=int(time.time()) + 86400, exp=int(time.time()) + 2 * 86400),
        _token(exp=...),
        _token(exp=10**20),
        _token(exp=float("inf")),
        _token(iat=...),
        _token(sub=...),
        _token(sub=7),
        _token(iss=...),
        _token(aud=...),
        _token(aud="https://elsewhere.example"),
        _token(aud="a"),
        _token(iss="https://elsewhere.example", aud="https://elsewhere.example"),
        _token(iss="todo.platform", aud="todo.platform"),
        _token(headers={"typ": "dpop+jwt"}),
        # What Better Auth signs with the same key for a mail that verifies an address.
        jwt.encode({"email": "ann@example.com", "iat": 1, "exp": int(time.time()) + 900}, SECRET, "HS256"),
    ],
)
def test_anything_else_is_refused(token: str) -> None:
    tokens = BetterAuthTokens(make_settings("postgresql://x/y", better_auth_url=URL))
    with pytest.raises(InvalidTokenError):
        tokens.read(token)


def test_the_address_is_checked_where_it_is_known() -> None:
    elsewhere = _token(iss="https://todo.example", aud="https://todo.example")
    claims = BetterAuthTokens(make_settings("postgresql://x/y")).read(elsewhere)
    same = BetterAuthTokens(make_settings("postgresql://x/y", better_auth_url="https://todo.example")).read(elsewhere)
    assert claims == same


@pytest.mark.parametrize("audience", ["todo.platform", "todo-api"])
def test_this_applications_own_name_is_no_server_of_better_auth(audience: str) -> None:
    with pytest.raises(InvalidTokenError):
        BetterAuthTokens(make_settings("postgresql://x/y")).read(_token(iss="todo.platform", aud=audience))


def test_the_audience_is_the_server_itself() -> None:
    for audience in ("a", "z", ["http://localhost:30000"]):
        with pytest.raises(InvalidTokenError):
            BetterAuthTokens(make_settings("postgresql://x/y")).read(_token(aud=audience))


def test_what_a_token_says_is_read() -> None:
    user_id = uuid.uuid4()
    token = _token(sub=str(user_id), exp=4102444800, email="Ann@Example.com")
    claims = BetterAuthTokens(make_settings("postgresql://x/y")).read(token)
    assert (claims.user_id, claims.email) == (user_id, "ann@example.com")
    assert claims.expires_at == datetime(2100, 1, 1, tzinfo=UTC)
    verified = {
        value: BetterAuthTokens(make_settings("postgresql://x/y")).read(_token(emailVerified=value)).email_verified
        for value in (True, False, None, "true", 2, ...)
    }
    assert [value for value, is_verified in verified.items() if is_verified] == [True]


def test_ids_that_are_no_uuids_are_of_their_issuer() -> None:
    read = BetterAuthTokens(make_settings("postgresql://x/y")).read
    ids = [read(_token()), read(_token(name="Anna")), read(_token(iss="https://b.example", aud="https://b.example"))]
    assert ids[0].user_id == ids[1].user_id != ids[2].user_id
    known = uuid.uuid4()
    assert read(_token(sub=str(known))).user_id == known
    assert ids[0].session_id != ids[1].session_id


@pytest.mark.parametrize("headers", [{"typ": None}, {"typ": "JWT"}, {"typ": "jwt"}])
def test_the_type_of_the_plugins_tokens_is_general(headers: dict[str, Any]) -> None:
    assert BetterAuthTokens(make_settings("postgresql://x/y")).read(_token(headers=headers)).email == "ann@example.com"
