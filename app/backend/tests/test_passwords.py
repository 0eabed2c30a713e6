from typing import Any

import pytest
from anyio import create_task_group, to_thread
from httpx import AsyncClient
from pwdlib.hashers.argon2 import Argon2Hasher
from pwdlib.hashers.bcrypt import BcryptHasher

from app.auth.passwords import NO_PASSWORD, Passwords
from app.errors import InvalidError, UnavailableError
from tests.conftest import PASSWORD, assert_problem, log_in, make_settings, sign_up

pytestmark = pytest.mark.anyio


def _passwords(**overrides: Any) -> Passwords:
    return Passwords(make_settings("postgresql://x/y", password_hash_rounds=10, **overrides))


@pytest.mark.parametrize("algorithm", ["argon2id", "argon2", "bcrypt"])
async def test_right_is_right_and_wrong_is_wrong(algorithm: str) -> None:
    passwords = _passwords(password_hash_algorithm=algorithm)
    stored = await passwords.hash(PASSWORD)
    assert stored.startswith({"bcrypt": "$2b$10$"}.get(algorithm, "$argon2id$"))
    assert await passwords.verify(PASSWORD, stored) == (True, None)
    assert await passwords.verify(PASSWORD + "!", stored) == (False, None)
    assert await passwords.verify(PASSWORD, None) == (False, None)


async def test_bcrypt_refuses_what_it_would_cut_off() -> None:
    passwords = _passwords(password_hash_algorithm="bcrypt")
    await passwords.hash("ü" * 36)
    with pytest.raises(InvalidError, match="72 bytes") as caught:
        await passwords.hash("ü" * 36 + "x")
    assert [error.field for error in caught.value.errors] == ["password"]


@pytest.mark.parametrize("algorithm", ["argon2id", "bcrypt"])
async def test_a_password_too_long_for_a_bcrypt_hash_is_wrong(algorithm: str) -> None:
    stored = await _passwords(password_hash_algorithm="bcrypt").hash("x" * 72)
    assert await _passwords(password_hash_algorithm=algorithm).verify("x" * 73, stored) == (False, None)


async def test_a_password_too_long_for_bcrypt_keeps_its_argon2_hash() -> None:
    stored = await _passwords().hash("x" * 73)
    assert await _passwords(password_hash_algorithm="bcrypt").verify("x" * 73, stored) == (True, None)


@pytest.mark.parametrize(
    ("stored_by", "settings", "new"),
    [
        ({"password_hash_algorithm": "bcrypt"}, {}, "$argon2id$"),
        ({}, {"password_hash_algorithm": "bcrypt"}, "$2b$10$"),
        ({"password_hash_algorithm": "bcrypt"}, {"password_hash_algorithm": "bcrypt"}, None),
        ({}, {}, None),
    ],
)
async def test_a_hash_is_renewed_only_if_it_is_out_of_date(
    stored_by: dict[str, Any], settings: dict[str, Any], new: str | None
) -> None:
    valid, renewed = await _passwords(**settings).verify(PASSWORD, await _passwords(**stored_by).hash(PASSWORD))
    assert valid
    assert (renewed and renewed.startswith(new or "-")) == (new and True)
    if renewed:
        assert await _passwords(**settings).verify(PASSWORD, renewed) == (True, None)


@pytest.mark.parametrize("common", ["password1", "PASSWORD1"])
async def test_common_passwords_are_known_whatever_their_case(common: str) -> None:
    with pytest.raises(InvalidError, match="common") as caught:
        await _passwords().hash(common)
    assert [error.field for error in caught.value.errors] == ["password"]


@pytest.mark.parametrize("stored_by", [None, "argon2id", "bcrypt"])
@pytest.mark.parametrize("algorithm", ["argon2id", "bcrypt"])
async def test_a_wrong_password_is_the_same_work_whoever_it_is_for(
    monkeypatch: pytest.MonkeyPatch, algorithm: str, stored_by: str | None
) -> None:
    stored = await _passwords(password_hash_algorithm=stored_by).hash(PASSWORD) if stored_by else None
    verified: list[str] = []
    for scheme in (Argon2Hasher, BcryptHasher):

        def verify(self: Any, password: str, stored: str, original: Any = scheme.verify) -> bool:
            verified.append(type(self).__name__)
            return bool(original(self, password, stored))

        monkeypatch.setattr(scheme, "verify", verify)
    assert await _passwords(password_hash_algorithm=algorithm).verify("wrong", stored) == (False, None)
    assert sorted(verified) == ["Argon2Hasher", "_Bcrypt"]


async def test_an_account_without_a_password_has_no_right_one() -> None:
    for password in (NO_PASSWORD, PASSWORD):
        assert await _passwords().verify(password, NO_PASSWORD) == (False, None)


async def test_log_in_brings_the_hash_up_to_date(run_app: Any, client: AsyncClient, database: Any) -> None:
    hashes: list[str] = []
    for settings in (
        {"password_hash_algorithm": "bcrypt", "password_hash_rounds": 10},
        {"password_hash_algorithm": "bcrypt", "password_hash_rounds": 11},
        {},
    ):
        async with run_app(**settings) as other:
            await (log_in if hashes else sign_up)(other, "ann@example.com")
            hashes.append(await database.fetchval("SELECT password_hash FROM users"))
    assert [stored[:7] for stored in hashes] == ["$2b$10$", "$2b$11$", "$argon2"]
    await log_in(client, "ann@example.com")


async def test_hashing_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.auth.passwords._MAXIMUM_WAITING", 3)
    passwords = _passwords(web_concurrency=4, password_hash_concurrency=2)  # a process has one at least
    refused = 0

    async def verify() -> None:
        nonlocal refused
        try:
            await passwords.verify(PASSWORD, None)
        except UnavailableError:
            refused += 1

    for expected in (2, 4):
        async with create_task_group() as group:
            for _ in range(6):
                group.start_soon(verify)
        assert refused == expected
    assert to_thread.current_default_thread_limiter().borrowed_tokens == 0


async def test_a_common_password_is_refused_by_name(client: AsyncClient) -> None:
    response = await client.post("/api/v1/auth/signup", json={"email": "a@example.com", "password": "PASSWORD1"})
    problem = assert_problem(response, 422, "password")
    assert "common" in problem["detail"]
