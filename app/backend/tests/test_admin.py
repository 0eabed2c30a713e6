"""What administrators can do."""

import uuid
from typing import Any

import pytest

from tests.conftest import Caller, assert_problem

pytestmark = pytest.mark.anyio


@pytest.fixture
async def admin(ann: Caller, database: Any) -> Caller:
    await database.execute("UPDATE users SET is_admin = true WHERE email = 'ann@example.com'")
    return ann


async def own_id(caller: Caller) -> str:
    user_id: str = (await caller.call("GET", "/auth/me")).json()["id"]
    return user_id


async def test_users_are_listed_and_found(admin: Caller, bob: Caller) -> None:
    first = (await admin.call("GET", "/admin/users", params={"limit": 1})).json()
    second = (await admin.call("GET", "/admin/users", params={"limit": 1, "cursor": first["next_cursor"]})).json()
    assert [user["email"] for user in first["items"] + second["items"]] == ["bob@example.com", "ann@example.com"]
    assert "password_hash" not in first["items"][0]
    found = (await admin.call("GET", "/admin/users", params={"search": "BOB@"})).json()["items"]
    assert [user["email"] for user in found] == ["bob@example.com"]
    assert (await admin.call("GET", f"/admin/users/{found[0]['id']}")).json() == found[0]
    assert_problem(await admin.call("GET", f"/admin/users/{uuid.uuid4()}"), 404)


async def test_a_user_who_is_disabled_is_out_at_once(admin: Caller, bob: Caller) -> None:
    path = f"/admin/users/{await own_id(bob)}"
    assert (await admin.call("PATCH", path, json={"is_active": False})).json()["is_active"] is False
    assert_problem(await bob.call("GET", "/tasks"), 401)
    await admin.call("PATCH", path, json={"is_active": True, "is_user": False})
    assert (await bob.call("GET", "/tasks")).status_code == 200
    assert_problem(await bob.call("POST", "/tasks", json={"title": "x"}), 403)
    assert_problem(await admin.call("PATCH", path, json={"is_active": None}), 422, "is_active")


async def test_administrators_do_not_lock_themselves_out(admin: Caller) -> None:
    path = f"/admin/users/{await own_id(admin)}"
    for field in ("is_active", "is_admin"):
        assert_problem(await admin.call("PATCH", path, json={field: False}), 409, field)
    assert (await admin.call("PATCH", path, json={"is_admin": True})).status_code == 200


async def test_there_are_figures(admin: Caller, bob: Caller, database: Any) -> None:
    task = await admin.add_task()
    await database.execute(
        "INSERT INTO attachments VALUES (gen_random_uuid(), $1, 'a', 'a', 700, 'text/plain', now())", task["id"]
    )
    await database.execute("UPDATE users SET is_active = false WHERE email = 'bob@example.com'")
    await database.execute("ANALYZE tasks")
    assert (await admin.call("GET", "/admin/stats")).json() == {
        "users": 2,
        "active_users": 1,
        "tasks": 1,
        "open_sessions": 2,
        "attachments": 1,
        "attachment_bytes": 700,
    }


@pytest.mark.parametrize("path", ["/admin/users", "/admin/stats"])
async def test_for_others_there_is_no_such_page(bob: Caller, path: str) -> None:
    assert_problem(await bob.call("GET", path), 404)
