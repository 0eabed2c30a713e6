"""The account and its sessions, as their owner manages them."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import jwt
import pytest
from fastapi import Depends, FastAPI
from httpx import AsyncClient

from app.auth.dependencies import AdminDep, get_admin
from app.main import create_app
from tests.conftest import PASSWORD, Caller, assert_problem, log_in, make_settings, running

pytestmark = pytest.mark.anyio

ME, SESSIONS = "/auth/me", "/auth/sessions"
NEW_PASSWORD = "seventeen purple lampshades"


async def _sessions(caller: Caller) -> list[dict[str, Any]]:
    response = await caller.call("GET", SESSIONS)
    assert response.status_code == 200, response.text
    items: list[dict[str, Any]] = response.json()["items"]
    return items


async def test_sessions_are_listed_newest_first(client: AsyncClient, ann: Caller, bob: Caller) -> None:
    client.headers["User-Agent"] = "A phone " + "x" * 300
    phone = await log_in(client, ann.email)
    del client.headers["User-Agent"]
    body = (await phone.call("GET", SESSIONS)).json()
    assert body["items"][0]["id"] == body["current"]
    assert [item["client"] for item in body["items"]] == [("A phone " + "x" * 300)[:255], None]
    assert all(item.keys() == {"id", "client", "created_at", "last_used_at", "expires_at"} for item in body["items"])
    assert (await ann.call("GET", SESSIONS)).json()["current"] == body["items"][1]["id"]


async def test_sessions_come_in_pages(client: AsyncClient, ann: Caller) -> None:
    for _ in range(2):
        await log_in(client, ann.email)
    everything = await _sessions(ann)
    first = (await ann.call("GET", SESSIONS, params={"limit": 2})).json()
    second = (await ann.call("GET", SESSIONS, params={"limit": 2, "cursor": first["next_cursor"]})).json()
    assert first["items"] + second["items"] == everything
    assert (len(everything), second["next_cursor"]) == (3, None)


async def test_a_session_that_is_over_is_not_listed(client: AsyncClient, ann: Caller, database: Any) -> None:
    current = (await _sessions(ann))[0]["id"]
    for change in ("expires_at = now()", "revoked_at = now()"):
        await log_in(client, ann.email)
        assert len(await _sessions(ann)) == 2
        await database.execute(f"UPDATE sessions SET {change} WHERE id <> $1", current)
        assert [item["id"] for item in await _sessions(ann)] == [current]


async def test_a_user_ends_one_of_their_sessions(client: AsyncClient, ann: Caller) -> None:
    phone = await log_in(client, ann.email)
    phone_id = (await _sessions(ann))[0]["id"]
    assert (await ann.call("DELETE", f"{SESSIONS}/{phone_id}")).status_code == 204
    assert_problem(await phone.call("GET", ME), 401)
    assert_problem(await client.post("/api/v1/auth/refresh", json={"refresh_token": phone.refresh_token}), 401)
    assert_problem(await ann.call("DELETE", f"{SESSIONS}/{phone_id}"), 404)
    assert len(await _sessions(ann)) == 1


async def test_nobody_ends_anothers_session(ann: Caller, bob: Caller) -> None:
    anns = (await _sessions(ann))[0]["id"]
    assert_problem(await bob.call("DELETE", f"{SESSIONS}/{anns}"), 404)
    assert (await ann.call("GET", ME)).status_code == 200


async def test_logging_out_everywhere_ends_every_session(client: AsyncClient, ann: Caller, bob: Caller) -> None:
    phone = await log_in(client, ann.email)
    assert (await ann.call("DELETE", SESSIONS)).status_code == 204
    assert_problem(await phone.call("GET", ME), 401)
    assert_problem(await ann.call("GET", ME), 401)
    assert (await bob.call("GET", ME)).status_code == 200


async def test_the_username_comes_and_goes(ann: Caller) -> None:
    response = await ann.call("PATCH", ME, json={"username": "Ann-1"})
    assert (response.status_code, response.json()["username"]) == (200, "ann-1")
    assert (await ann.call("PATCH", ME, json={})).json()["username"] == "ann-1"
    assert (await ann.call("PATCH", ME, json={"username": None})).json()["username"] is None


async def test_a_new_password_needs_the_old_one_and_ends_other_sessions(client: AsyncClient, ann: Caller) -> None:
    phone = await log_in(client, ann.email)
    for current in ({}, {"current_password": "wrong"}):
        response = await ann.call("PATCH", ME, json={"password": NEW_PASSWORD, **current})
        assert_problem(response, 422, "current_password")
    assert (await phone.call("GET", ME)).status_code == 200

    response = await ann.call("PATCH", ME, json={"password": NEW_PASSWORD, "current_password": PASSWORD})
    assert response.status_code == 200
    assert_problem(await phone.call("GET", ME), 401)
    assert (await ann.call("GET", ME)).status_code == 200
    assert_problem(await client.post("/api/v1/auth/login", json={"email": ann.email, "password": PASSWORD}), 401)
    await log_in(client, ann.email, NEW_PASSWORD)


async def test_a_new_address_needs_the_password(client: AsyncClient, ann: Caller, database: Any) -> None:
    assert_problem(await ann.call("PATCH", ME, json={"email": "ann@new.example"}), 422, "current_password")
    stored = await database.fetchval("SELECT password_hash FROM users")
    response = await ann.call("PATCH", ME, json={"email": "Ann@New.example", "current_password": PASSWORD})
    assert (response.status_code, response.json()["email"]) == (200, "ann@new.example")
    assert await database.fetchval("SELECT password_hash FROM users") == stored
    await log_in(client, "ann@new.example")


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"email": "bob@example.com", "current_password": PASSWORD}, 409, "email"),
        ({"username": "BOB"}, 409, "username"),
        ({"username": "x"}, 422, "username"),
        ({"email": None, "current_password": PASSWORD}, 422, "email"),
        ({"password": None, "current_password": PASSWORD}, 422, "password"),
        ({"password": "short", "current_password": PASSWORD}, 422, "password"),
        ({"password": "Iloveyou", "current_password": PASSWORD}, 422, "password"),
        ({"is_admin": True}, 422, "is_admin"),
    ],
)
async def test_what_is_wrong_with_a_change_is_told(
    ann: Caller, bob: Caller, change: dict[str, Any], status: int, field: str
) -> None:
    assert (await bob.call("PATCH", ME, json={"username": "bob"})).status_code == 200
    before = (await ann.call("GET", ME)).json()
    assert_problem(await ann.call("PATCH", ME, json=change), status, field)
    assert (await ann.call("GET", ME)).json() == before


async def test_guesses_at_the_current_password_are_limited(
    database_url: str, database: Any, client: AsyncClient, ann: Caller
) -> None:
    async with running(create_app(make_settings(database_url, auth_rate_limit_email=1))) as strict:
        caller = Caller(strict, ann.email, ann.access_token, ann.refresh_token)
        change = {"password": NEW_PASSWORD, "current_password": "wrong"}
        assert_problem(await caller.call("PATCH", ME, json=change), 422, "current_password")
        assert_problem(await caller.call("PATCH", ME, json=change), 429)
        assert (await caller.call("PATCH", ME, json={"username": "ann"})).status_code == 200


async def test_a_program_has_a_token_of_its_own(ann: Caller) -> None:
    request = {"name": "An IDE", "current_password": PASSWORD}
    made = {}
    for days in (None, 1, 366):
        response = await ann.call("POST", "/auth/tokens", json=request | ({"days": days} if days else {}))
        assert response.status_code == 201, response.text
        made[days or 90] = response.json()
    for days, program in made.items():
        ends = datetime.fromisoformat(program["expires_at"])
        assert timedelta(days=days, minutes=-1) < ends - datetime.now(UTC) < timedelta(days=days, minutes=1)
        claims = jwt.decode(program["access_token"], options={"verify_signature": False})
        assert datetime.fromtimestamp(claims["exp"], UTC) == ends
        caller = Caller(ann.client, ann.email, program["access_token"], "")
        assert (await caller.call("GET", ME)).json()["email"] == ann.email
    listed = {item["id"]: item["client"] for item in await _sessions(ann)}
    assert [listed[program["session_id"]] for program in made.values()] == ["An IDE"] * 3
    for wrong, field in (
        ({"days": 0}, "days"),
        ({"days": 367}, "days"),
        ({"current_password": "x"}, "current_password"),
    ):
        assert_problem(await ann.call("POST", "/auth/tokens", json=request | wrong), 422, field)


async def test_a_read_only_account_stays_as_it_is(ann: Caller, database: Any) -> None:
    await database.execute("UPDATE users SET is_user = false")
    assert_problem(await ann.call("PATCH", ME, json={"username": "ann"}), 403)
    assert_problem(await ann.call("DELETE", ME), 403)
    assert (await ann.call("GET", ME)).json()["is_user"] is False
    assert (await ann.call("POST", "/auth/logout")).status_code == 204


def _with_admin_route(app: FastAPI) -> FastAPI:
    @app.get("/api/v1/admin-only", dependencies=[Depends(get_admin)])
    async def admin_only() -> str:
        return "welcome"

    @app.get("/api/v1/who")
    async def who(principal: AdminDep, settings: Annotated[str, Depends(lambda: "x")]) -> str:
        return f"{principal.user_id}{settings}"

    return app


async def test_only_administrators_manage_others(database_url: str, database: Any, ann: Caller) -> None:
    async with running(_with_admin_route(create_app(make_settings(database_url)))) as client:
        caller = Caller(client, ann.email, ann.access_token, ann.refresh_token)
        assert_problem(await caller.call("GET", "/admin-only"), 403)
        await database.execute("UPDATE users SET is_admin = true")
        assert (await caller.call("GET", "/admin-only")).json() == "welcome"
        await database.execute("UPDATE users SET is_user = false")
        assert_problem(await caller.call("GET", "/admin-only"), 403)
