import asyncio
import uuid
from collections.abc import AsyncIterator
from dataclasses import FrozenInstanceError, replace
from datetime import timedelta
from typing import Any

import jwt
import pytest
from httpx import AsyncClient
from pydantic import BaseModel, ValidationError

from app.auth.better_auth import BetterAuthClaims
from app.auth.schemas import AccountPatch, LoginRequest, RefreshRequest, SignupRequest, TokenRequest
from app.auth.tokens import AccessClaims, AccessTokens, ForeignTokenError, InvalidTokenError, Principal, RefreshToken
from app.fields import utcnow
from tests.conftest import PASSWORD, SECRET, Caller, assert_problem, log_in, make_settings, sign_up

pytestmark = pytest.mark.anyio

COMING = SECRET[::-1]
SIGNUP, LOGIN, REFRESH = "/api/v1/auth/signup", "/api/v1/auth/login", "/api/v1/auth/refresh"


async def test_signup_gives_the_user_without_the_password(client: AsyncClient, database: Any) -> None:
    body = {"email": "Ann@Example.com", "password": PASSWORD, "username": "Ann-1"}
    response = await client.post(SIGNUP, json=body)
    assert response.status_code == 201
    user = response.json()
    assert (user["email"], user["username"]) == ("ann@example.com", "ann-1")
    assert (user["is_active"], user["is_admin"], user["is_user"]) == (True, False, True)
    assert "password" not in response.text
    stored = await database.fetchval("SELECT password_hash FROM users")
    assert stored.startswith("$argon2id$")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"email": "not an address"}, "email"),
        ({"email": "a@" + "b" * 250 + ".com"}, "email"),
        ({"email": "a\u0000@example.com"}, "email"),
        ({"password": "short"}, "password"),
        ({"password": "x" * 257}, "password"),
        ({"password": "nul\u0000nul\u0000nul"}, "password"),
        ({"password": "Iloveyou"}, "password"),
        ({"username": "x"}, "username"),
        ({"username": "with space"}, "username"),
        ({"is_admin": True}, "is_admin"),
    ],
)
async def test_signup_names_the_field_that_is_wrong(client: AsyncClient, body: dict[str, Any], field: str) -> None:
    response = await client.post(SIGNUP, json={"email": "ann@example.com", "password": PASSWORD} | body)
    assert_problem(response, 422, field)
    assert PASSWORD not in response.text


async def test_addresses_inside_a_closed_network_are_accepted(client: AsyncClient) -> None:
    caller = await sign_up(client, "admin@todo.local")
    assert (await caller.call("GET", "/auth/me")).json()["email"] == "admin@todo.local"


@pytest.mark.parametrize(
    ("second", "field"),
    [
        ({"email": "ANN@example.com", "username": "other"}, "email"),
        ({"email": "other@example.com", "username": "ANN"}, "username"),
    ],
)
async def test_email_and_username_are_unique_whatever_their_case(
    client: AsyncClient, second: dict[str, str], field: str
) -> None:
    first = {"email": "ann@example.com", "username": "ann", "password": PASSWORD}
    assert (await client.post(SIGNUP, json=first)).status_code == 201
    assert_problem(await client.post(SIGNUP, json=second | {"password": PASSWORD}), 409, field)


async def test_many_users_may_go_without_a_username(ann: Caller, bob: Caller) -> None:
    assert (await ann.call("GET", "/auth/me")).json()["username"] is None
    assert (await bob.call("GET", "/auth/me")).json()["username"] is None


async def test_two_signups_at_once_make_one_user(client: AsyncClient) -> None:
    body = {"email": "ann@example.com", "password": PASSWORD}
    responses = await asyncio.gather(*(client.post(SIGNUP, json=body) for _ in range(3)))
    assert sorted(response.status_code for response in responses) == [201, 409, 409]


async def test_login_gives_tokens(client: AsyncClient, ann: Caller) -> None:
    response = await client.post(LOGIN, json={"email": "ANN@example.com", "password": PASSWORD})
    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"
    tokens = response.json()
    assert tokens["token_type"] == "bearer"
    assert tokens["expires_in"] == 900
    assert tokens["access_token"] != ann.access_token
    header = jwt.get_unverified_header(tokens["access_token"])
    claims = jwt.decode(tokens["access_token"], SECRET, ["HS256"], audience="todo-api", issuer="todo.platform")
    assert (header["typ"], header["alg"]) == ("at+jwt", "HS256")
    assert claims["exp"] - claims["iat"] == 900
    assert {"sub", "sid", "jti"} <= claims.keys()


async def test_login_does_not_tell_whether_the_address_is_known(client: AsyncClient, ann: Caller) -> None:
    wrong = await client.post(LOGIN, json={"email": ann.email, "password": "wrong " + PASSWORD})
    unknown = await client.post(LOGIN, json={"email": "nobody@example.com", "password": PASSWORD})
    first, second = assert_problem(wrong, 401), assert_problem(unknown, 401)
    assert first["detail"] == second["detail"]
    assert wrong.headers["www-authenticate"] == "Bearer"


async def test_an_inactive_user_is_out(client: AsyncClient, ann: Caller, database: Any) -> None:
    await database.execute("UPDATE users SET is_active = false")
    assert_problem(await ann.call("GET", "/auth/me"), 401)
    assert_problem(await client.post(LOGIN, json={"email": ann.email, "password": PASSWORD}), 401)


async def test_a_life_that_a_document_sets_is_the_access_tokens(run_app: Any) -> None:
    async with run_app(jwt_expiry=86400, jwt_algorithm="HS512", jwt_secret=2 * SECRET) as client:
        caller = await sign_up(client, "ann@example.com")
        claims = jwt.decode(caller.access_token, 2 * SECRET, ["HS512"], audience="todo-api")
        assert claims["exp"] - claims["iat"] == 86400


async def test_me_needs_a_token(client: AsyncClient) -> None:
    response = await client.get("/api/v1/auth/me")
    assert_problem(response, 401)
    assert response.headers["www-authenticate"] == "Bearer"


def _token(secret: str = SECRET, algorithm: str = "HS256", typ: str | None = "at+jwt", **changes: Any) -> str:
    payload: dict[str, Any] = {
        "sub": "5a3f8a0e-4f3c-4ac2-8a0b-3d2b0e3d9b11",
        "sid": "6a3f8a0e-4f3c-4ac2-8a0b-3d2b0e3d9b11",
        "jti": "1",
        "iat": utcnow(),
        # The tokens of parameters are made long before the tests run.
        "exp": utcnow() + timedelta(days=1),
        "iss": "todo.platform",
        "aud": "todo-api",
    }
    kept = {name: value for name, value in (payload | changes).items() if value is not None}
    return jwt.encode(kept, secret, algorithm, headers={"typ": typ})


@pytest.mark.parametrize(
    "token",
    [
        "",
        "rubbish",
        "a.b.c",
        _token(secret="y" + SECRET),
        _token(secret=2 * SECRET, algorithm="HS512"),
        _token(secret="", algorithm="none"),
        _token(typ="JWT"),
        _token(typ="dpop+jwt"),
        _token(iat=utcnow() + timedelta(days=1), exp=utcnow() + timedelta(days=2)),
        _token(exp=utcnow() - timedelta(seconds=1)),
        _token(aud="somebody-else"),
        _token(iss="somebody-else"),
        _token(sub="not-an-id"),
        _token(sid=None),
        _token(sid=7),
        _token(jti=None),
        _token(exp=None),
    ],
)
def test_a_token_that_is_not_ours_is_refused(token: str) -> None:
    tokens = AccessTokens(make_settings("postgresql://x/y"))
    with pytest.raises(InvalidTokenError):
        tokens.read(token)


def test_a_token_of_ours_is_read() -> None:
    tokens = AccessTokens(make_settings("postgresql://x/y"))
    user_id = uuid.UUID("5a3f8a0e-4f3c-4ac2-8a0b-3d2b0e3d9b11")
    session_id = uuid.UUID("6a3f8a0e-4f3c-4ac2-8a0b-3d2b0e3d9b11")
    claims = AccessClaims(user_id=user_id, session_id=session_id)
    assert tokens.read(_token()) == tokens.read(tokens.issue(claims)) == claims
    ids = {jwt.decode(tokens.issue(claims), options={"verify_signature": False})["jti"] for _ in range(3)}
    assert len(ids) == 3
    refresh = RefreshToken.generate(session_id)
    assert RefreshToken.parse(refresh.value).session_id == session_id
    assert len(refresh.value) == len(session_id.hex) + 1 + 43  # of 32 bytes


def test_each_of_many_keys_is_good_and_the_first_signs() -> None:
    keys = [SECRET, COMING, SECRET[8:] + SECRET[:8]]
    tokens = AccessTokens(
        make_settings("postgresql://x/y", jwt_secret=keys[0], jwt_secret_previous="\n".join(keys[1:]))
    )
    claims = AccessClaims(user_id=uuid.uuid4(), session_id=uuid.uuid4())
    jwt.decode(tokens.issue(claims), keys[0], ["HS256"], audience="todo-api")
    for key in keys:
        tokens.read(_token(secret=key))
    with pytest.raises(InvalidTokenError):
        tokens.read(_token(secret=SECRET[9:] + SECRET[:9]))


def test_what_tokens_say_can_not_be_changed() -> None:
    id_ = uuid.uuid4()
    claims = BetterAuthClaims(id_, id_, None, email_verified=False, expires_at=utcnow())
    principal = Principal(id_, id_, is_user=True, is_admin=False)
    for read in (AccessClaims(id_, id_), principal, RefreshToken.generate(id_), claims):
        with pytest.raises(FrozenInstanceError):
            read.session_id = uuid.uuid4()  # type: ignore[misc]


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic eDp5", "Digest x", "x"])
async def test_a_header_without_a_token_is_told(client: AsyncClient, header: str) -> None:
    response = await client.get("/api/v1/auth/me", headers={"Authorization": header})
    assert assert_problem(response, 401)["detail"] == "An access token is needed."


@pytest.mark.parametrize("user_id", [uuid.UUID(int=1), uuid.UUID(int=2**128 - 1)])
async def test_a_token_is_of_the_user_whose_session_it_is(app: Any, ann: Caller, user_id: uuid.UUID) -> None:
    session_id = app.state.tokens.read(ann.access_token).session_id
    token = app.state.tokens.issue(AccessClaims(user_id=user_id, session_id=session_id))
    assert_problem(await replace(ann, access_token=token).call("GET", "/auth/me"), 401)


@pytest.mark.parametrize(
    ("schema", "field", "least", "most"),
    [
        (SignupRequest, "password", 8, 256),
        (SignupRequest, "username", 3, 50),
        (AccountPatch, "password", 8, 256),
        (AccountPatch, "username", 3, 50),
        (AccountPatch, "current_password", 0, 1024),
        (LoginRequest, "password", 1, 1024),
        (RefreshRequest, "refresh_token", 0, 256),
        (TokenRequest, "name", 1, 255),
        (TokenRequest, "current_password", 0, 1024),
    ],
)
def test_texts_have_a_length(schema: type[BaseModel], field: str, least: int, most: int) -> None:
    others = {"email": "ann@example.com", "password": PASSWORD, "name": "IDE", "current_password": PASSWORD}
    body = {name: value for name, value in others.items() if name in schema.model_fields}
    for length in (least, most):
        assert len(getattr(schema.model_validate(body | {field: "x" * length}), field)) == length
    for length in {least - 1, most + 1} - {-1}:
        with pytest.raises(ValidationError):
            schema.model_validate(body | {field: "x" * length})


@pytest.mark.parametrize("token", [_token(typ="JWT"), _token(typ="dpop+jwt"), _token(typ=None)])
def test_a_token_of_another_kind_is_left_to_others(token: str) -> None:
    with pytest.raises(ForeignTokenError):
        AccessTokens(make_settings("postgresql://x/y")).read(token)


def test_a_token_that_was_good_ends_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = AccessTokens(make_settings("postgresql://x/y"))
    token = tokens.issue(AccessClaims(user_id=uuid.uuid4(), session_id=uuid.uuid4()))
    tokens.read(token)
    end = jwt.decode(token, options={"verify_signature": False})["exp"]
    monkeypatch.setattr("app.auth.tokens.time.time", lambda: end - 1)
    tokens.read(token)
    monkeypatch.setattr("app.auth.tokens.time.time", lambda: end)
    with pytest.raises(InvalidTokenError):
        tokens.read(token)


async def test_a_well_signed_token_of_a_session_that_never_was_is_refused(client: AsyncClient) -> None:
    for token in (_token(), "rubbish"):
        response = await client.get("/api/v1/auth/me", headers={"Authorization": f"Bearer {token}"})
        assert_problem(response, 401)


async def _refresh(client: AsyncClient, token: str) -> Any:
    return await client.post(REFRESH, json={"refresh_token": token})


async def test_refresh_exchanges_the_token(client: AsyncClient, ann: Caller) -> None:
    response = await _refresh(client, ann.refresh_token)
    assert response.status_code == 200
    renewed = Caller(client, ann.email, response.json()["access_token"], response.json()["refresh_token"])
    assert renewed.refresh_token != ann.refresh_token
    assert (await renewed.call("GET", "/auth/me")).json()["email"] == ann.email


async def test_a_replayed_refresh_token_ends_the_session_and_no_other(client: AsyncClient, ann: Caller) -> None:
    elsewhere = await log_in(client, ann.email)
    first = (await _refresh(client, ann.refresh_token)).json()
    second = (await _refresh(client, first["refresh_token"])).json()
    assert_problem(await _refresh(client, ann.refresh_token), 401)
    assert_problem(await _refresh(client, second["refresh_token"]), 401)
    assert_problem(await ann.call("GET", "/auth/me"), 401)
    assert (await elsewhere.call("GET", "/auth/me")).status_code == 200
    assert (await _refresh(client, elsewhere.refresh_token)).status_code == 200


async def test_exchanges_at_once_give_the_same_token(run_app: Any, client: AsyncClient, ann: Caller) -> None:
    async with run_app() as other_replica:
        clients = (client, other_replica, client, other_replica)
        responses = await asyncio.gather(*(_refresh(each, ann.refresh_token) for each in clients))
    assert [response.status_code for response in responses] == [200] * 4
    [new_token] = {response.json()["refresh_token"] for response in responses}
    assert (await _refresh(client, new_token)).status_code == 200


@pytest.fixture
async def changing_key(run_app: Any, database: Any) -> AsyncIterator[tuple[AsyncClient, AsyncClient]]:
    """Two replicas while the signing key is changed: one signs by the old key still, the other by the coming one."""
    async with (
        run_app(jwt_secret=SECRET, jwt_secret_previous=COMING) as old,
        run_app(jwt_secret=COMING, jwt_secret_previous=f"{SECRET}\n{2 * SECRET}") as new,
    ):
        yield old, new


async def test_while_the_key_is_changed_every_replica_takes_every_token(
    run_app: Any, changing_key: tuple[AsyncClient, AsyncClient]
) -> None:
    old, new = changing_key
    ann, bob = await sign_up(old, "ann@example.com"), await sign_up(new, "bob@example.com")
    for caller in (ann, bob):
        for client in changing_key:
            assert (await replace(caller, client=client).call("GET", "/auth/me")).status_code == 200
    async with run_app(jwt_secret=COMING) as afterwards:
        assert_problem(await replace(ann, client=afterwards).call("GET", "/auth/me"), 401)
        assert (await replace(bob, client=afterwards).call("GET", "/auth/me")).status_code == 200
        assert (await _refresh(afterwards, ann.refresh_token)).status_code == 200


async def test_exchanges_at_once_agree_while_the_key_is_changed(
    changing_key: tuple[AsyncClient, AsyncClient],
) -> None:
    old, new = changing_key
    ann = await sign_up(old, "ann@example.com")
    responses = await asyncio.gather(*(_refresh(each, ann.refresh_token) for each in (new, old, new, old)))
    assert [response.status_code for response in responses] == [200] * 4
    [new_token] = {response.json()["refresh_token"] for response in responses}
    assert (await _refresh(new, new_token)).status_code == 200
    # What came from neither key is still a replay.
    await asyncio.gather(*(_refresh(each, new_token) for each in changing_key))
    assert_problem(await _refresh(old, ann.refresh_token), 401)


async def test_only_the_token_before_has_a_grace(client: AsyncClient, ann: Caller) -> None:
    second = (await _refresh(client, ann.refresh_token)).json()["refresh_token"]
    third = (await _refresh(client, second)).json()["refresh_token"]
    assert (await _refresh(client, second)).json()["refresh_token"] == third
    assert_problem(await _refresh(client, ann.refresh_token), 401)
    assert_problem(await _refresh(client, third), 401)


async def test_the_grace_is_short_and_not_extended(run_app: Any, ann: Caller, database: Any) -> None:
    async with run_app(refresh_token_grace=60) as client:
        second = (await _refresh(client, ann.refresh_token)).json()["refresh_token"]
        exchanged_at = await database.fetchval(
            "UPDATE sessions SET last_used_at = last_used_at - interval '5 seconds' RETURNING last_used_at"
        )
        assert (await _refresh(client, ann.refresh_token)).status_code == 200
        assert await database.fetchval("SELECT last_used_at FROM sessions") == exchanged_at
        await database.execute("UPDATE sessions SET last_used_at = last_used_at - interval '55 seconds'")
        assert_problem(await _refresh(client, ann.refresh_token), 401)
        assert_problem(await _refresh(client, second), 401)


async def test_without_a_grace_a_second_exchange_is_a_replay(run_app: Any) -> None:
    async with run_app(refresh_token_grace=0) as client:
        caller = await sign_up(client, "ann@example.com")
        assert (await _refresh(client, caller.refresh_token)).status_code == 200
        assert_problem(await _refresh(client, caller.refresh_token), 401)
        assert_problem(await caller.call("GET", "/auth/me"), 401)


def test_the_next_token_is_told_by_the_key_alone() -> None:
    token = RefreshToken.generate(uuid.uuid4())
    assert token.successor(SECRET) == token.successor(SECRET)
    assert token.successor(SECRET).session_id == token.session_id
    others = [token.successor(SECRET[::-1]), token.successor(SECRET).successor(SECRET)]
    assert token.successor(SECRET) not in [token, RefreshToken.generate(token.session_id), *others]
    assert {len(other.value) for other in [token, *others]} == {76}


@pytest.mark.parametrize("token", ["rubbish", "6a3f8a0e4f3c4ac28a0b3d2b0e3d9b11.unknown"])
async def test_a_refresh_token_that_is_not_ours_is_refused(client: AsyncClient, token: str) -> None:
    assert_problem(await _refresh(client, token), 401)


async def test_a_session_expires_however_often_it_is_refreshed(client: AsyncClient, ann: Caller, database: Any) -> None:
    expires_at = await database.fetchval("SELECT expires_at FROM sessions")
    renewed = (await _refresh(client, ann.refresh_token)).json()
    assert await database.fetchval("SELECT expires_at FROM sessions") == expires_at
    await database.execute("UPDATE sessions SET expires_at = now() - interval '1 second'")
    assert_problem(await _refresh(client, renewed["refresh_token"]), 401)
    assert_problem(await ann.call("GET", "/auth/me"), 401)


async def test_refresh_tokens_are_stored_as_hashes(ann: Caller, database: Any) -> None:
    row = await database.fetchrow("SELECT * FROM sessions")
    assert len(row["token_hash"]) == 32
    assert ann.refresh_token.partition(".")[2] not in str(dict(row))


async def test_logout_ends_this_session_at_once(client: AsyncClient, ann: Caller) -> None:
    elsewhere = await log_in(client, ann.email)
    assert (await ann.call("POST", "/auth/logout")).status_code == 204
    assert_problem(await ann.call("GET", "/auth/me"), 401)
    assert_problem(await _refresh(client, ann.refresh_token), 401)
    assert (await elsewhere.call("GET", "/auth/me")).status_code == 200


async def test_deleting_the_account_removes_all_that_is_theirs(ann: Caller, bob: Caller, database: Any) -> None:
    await ann.add_task()
    await bob.add_task()
    assert (await ann.call("DELETE", "/auth/me")).status_code == 204
    assert_problem(await ann.call("GET", "/auth/me"), 401)
    left = await database.fetchrow(
        "SELECT (SELECT count(*) FROM users) AS users, (SELECT count(*) FROM sessions) AS sessions,"
        " (SELECT count(*) FROM tasks) AS tasks"
    )
    assert dict(left) == {"users": 1, "sessions": 1, "tasks": 1}
    assert (await ann.client.post(SIGNUP, json={"email": ann.email, "password": PASSWORD})).status_code == 201


async def test_a_task_that_comes_while_its_owner_goes_is_refused(ann: Caller, database: Any) -> None:
    await database.execute("BEGIN; DELETE FROM users")
    request = asyncio.create_task(ann.call("POST", "/tasks", json={"title": "Too late"}))
    waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    async with asyncio.timeout(30):
        while not await database.fetch(waiting):
            await asyncio.sleep(0.01)
    await database.execute("COMMIT")
    assert_problem(await request, 409)


async def test_a_read_only_user_reads(ann: Caller, database: Any) -> None:
    task = await ann.add_task()
    await database.execute("UPDATE users SET is_user = false")
    assert (await ann.call("GET", f"/tasks/{task['id']}")).status_code == 200
    assert_problem(await ann.call("POST", "/tasks", json={"title": "More"}), 403)
    assert_problem(await ann.call("DELETE", f"/tasks/{task['id']}"), 403)
