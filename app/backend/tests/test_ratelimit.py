from typing import Any

import pytest
from httpx import ASGITransport, AsyncClient, Response

from app.database import Database
from app.main import create_app
from app.ratelimit import PostgresStorage, address_subject
from tests.conftest import PASSWORD, assert_problem, make_settings, running, sign_up

pytestmark = pytest.mark.anyio


async def _log_in(client: AsyncClient, email: str = "nobody@example.com") -> Response:
    return await client.post("/api/v1/auth/login", json={"email": email, "password": "wrong"})


async def test_guesses_at_one_account_are_limited(run_app: Any) -> None:
    async with run_app(auth_rate_limit_email=2) as client:
        for _ in range(2):
            assert_problem(await _log_in(client), 401)
        response = await _log_in(client, "NOBODY@example.com")
        assert_problem(response, 429)
        assert 1 <= int(response.headers["retry-after"]) <= 60
        assert_problem(await _log_in(client, "other@example.com"), 401)


async def test_guesses_of_one_client_are_limited(run_app: Any, database: Any) -> None:
    async with run_app(auth_rate_limit_address=2) as client:
        for number in range(2):
            assert_problem(await _log_in(client, f"user{number}@example.com"), 401)
        assert_problem(await _log_in(client, "user3@example.com"), 429)
        # Signing up and refreshing have counters of their own.
        await client.post("/api/v1/auth/refresh", json={"refresh_token": "rubbish"})
        signup = {"email": "new@example.com", "password": PASSWORD}
        assert (await client.post("/api/v1/auth/signup", json=signup)).status_code == 201
        # When the window is over the count begins anew.
        await database.execute("UPDATE rate_limits SET expires_at = now() - interval '1 second'")
        assert_problem(await _log_in(client, "user3@example.com"), 401)


async def test_another_client_has_a_counter_of_its_own(database_url: str, database: Any) -> None:
    app = create_app(make_settings(database_url, auth_rate_limit_address=1))
    async with running(app) as client:
        assert_problem(await _log_in(client, "a@example.com"), 401)
        assert_problem(await _log_in(client, "b@example.com"), 429)
        elsewhere = ASGITransport(app, client=("192.0.2.7", 1234))
        async with AsyncClient(transport=elsewhere, base_url="http://todo") as other:
            assert_problem(await _log_in(other, "c@example.com"), 401)


async def test_a_limit_holds_across_processes(run_app: Any) -> None:
    async with run_app(auth_rate_limit_email=1) as first:
        assert_problem(await _log_in(first), 401)
    async with run_app(auth_rate_limit_email=1) as second:
        assert_problem(await _log_in(second), 429)


async def test_refreshing_is_limited(run_app: Any) -> None:
    async with run_app(auth_rate_limit_address=1) as client:
        caller = await sign_up(client, "ann@example.com")
        for status in (200, 429):
            response = await client.post("/api/v1/auth/refresh", json={"refresh_token": caller.refresh_token})
            assert response.status_code == status


async def test_a_throw_away_user_for_each_deployment_trips_nothing(client: AsyncClient) -> None:
    for number in range(4):
        caller = await sign_up(client, f"validate-{number}@example.com")
        assert (await caller.call("DELETE", "/auth/me")).status_code == 204


async def test_no_address_is_stored(run_app: Any, database: Any) -> None:
    async with run_app() as client:
        await _log_in(client, "ann@example.com")
    keys = " ".join(row["key"] for row in await database.fetch("SELECT key FROM rate_limits"))
    assert "login-email" in keys
    assert "ann@" not in keys
    assert "127.0.0.1" not in keys


@pytest.mark.parametrize(
    ("address", "subject"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("a unix socket", "a unix socket"),
    ],
)
def test_an_ipv6_client_is_its_network(address: str, subject: str) -> None:
    assert address_subject(address) == subject


async def test_the_storage_keeps_its_contract(database_url: str, database: Any) -> None:
    owner = Database(make_settings(database_url))
    storage = PostgresStorage(owner)
    assert await storage.check()
    assert await storage.get("key") == 0
    now = await database.fetchval("SELECT extract(epoch FROM now())::float8")
    assert await storage.get_expiry("key") == pytest.approx(now, abs=60)
    assert [await storage.incr("key", 60), await storage.incr("key", 60, amount=2)] == [1, 3]
    assert await storage.get("key") == 3
    expires_at = await database.fetchval("SELECT extract(epoch FROM expires_at)::float8 FROM rate_limits")
    assert await storage.get_expiry("key") == pytest.approx(expires_at)
    await storage.clear("key")
    assert await storage.get("key") == 0
    await storage.incr("one", 60)
    await storage.incr("two", 60)
    assert await storage.reset() == 2
    await owner.close()
