"""Password hashing: slow on purpose, and so kept off the event loop and within bounds."""

from collections.abc import Callable
from functools import cache
from typing import TypeVar

from anyio import CapacityLimiter, to_thread
from pwdlib.hashers import HasherProtocol
from pwdlib.hashers.argon2 import Argon2Hasher
from pwdlib.hashers.bcrypt import BcryptHasher

from app.errors import InvalidError, UnavailableError
from app.settings import Settings

BCRYPT_MAXIMUM_BYTES = 72
NO_PASSWORD = "!"
"""The hash of an account that logs in elsewhere; no password has it."""

_MAXIMUM_WAITING = 64

T = TypeVar("T")


class _Bcrypt(BcryptHasher):
    """Bcrypt that finds a password it can't have hashed wrong, where the library raises."""

    def verify(self, password: str | bytes, hash: str | bytes) -> bool:  # noqa: A002  # the library's name
        return _fits_bcrypt(password) and super().verify(password, hash)


class Passwords:
    """Hashes and verifies passwords, a few at a time; `concurrency` bounds the memory that takes."""

    def __init__(self, settings: Settings) -> None:
        bcrypt, argon2 = _Bcrypt(rounds=settings.password_hash_rounds), Argon2Hasher()
        self._uses_bcrypt = settings.password_hash_algorithm == "bcrypt"
        self._schemes: tuple[HasherProtocol, ...] = (bcrypt, argon2)
        self._preferred = bcrypt if self._uses_bcrypt else argon2
        self._concurrency = max(1, settings.per_process(settings.password_hash_concurrency))
        self._limiter: CapacityLimiter | None = None
        self._pending = 0
        self._dummies = cache(lambda: [(scheme, scheme.hash("no user has this")) for scheme in self._schemes])

    async def hash(self, password: str) -> str:
        """Hash a new password; raises InvalidError if it is a poor one."""
        return await self._run(lambda: self._hash(password))

    async def verify(self, password: str, stored: str | None) -> tuple[bool, str | None]:
        """Whether the password is right, and its new hash if the stored one is out of date.

        With no stored hash it takes as long as with a wrong password, whichever way that one is hashed, and is never
        right.
        """
        return await self._run(lambda: self._verify(password, stored))

    def _hash(self, password: str) -> str:
        if self._uses_bcrypt and not _fits_bcrypt(password):
            raise InvalidError("password", f"must not be longer than {BCRYPT_MAXIMUM_BYTES} bytes")
        if password.lower() in _common_passwords():
            raise InvalidError("password", "is a common password; choose another")
        return self._preferred.hash(password)

    def _verify(self, password: str, stored: str | None) -> tuple[bool, str | None]:
        own = next((scheme for scheme in self._schemes if stored and scheme.identify(stored)), None)
        if own and stored and own.verify(password, stored):
            return True, self._newer_hash(password, stored)
        for scheme, dummy_hash in self._dummies():
            if scheme is not own:
                scheme.verify(password, dummy_hash)
        return False, None

    def _newer_hash(self, password: str, stored: str) -> str | None:
        if self._uses_bcrypt and not _fits_bcrypt(password):
            return None
        current = self._preferred.identify(stored) and not self._preferred.check_needs_rehash(stored)
        return None if current else self._preferred.hash(password)

    async def _run(self, work: Callable[[], T]) -> T:
        # A limiter belongs to an event loop, and there is none yet when the application is made.
        self._limiter = self._limiter or CapacityLimiter(self._concurrency)
        if self._pending >= self._concurrency + _MAXIMUM_WAITING:
            raise UnavailableError("Too many log-ins at once. Try again in a moment.")
        self._pending += 1
        try:
            return await to_thread.run_sync(work, limiter=self._limiter)
        finally:
            self._pending -= 1


def _fits_bcrypt(password: str | bytes) -> bool:
    return len(password.encode() if isinstance(password, str) else password) <= BCRYPT_MAXIMUM_BYTES


@cache
def _common_passwords() -> frozenset[str]:
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # noqa: PLC0415  # slow, and only sign-up needs it

    return frozenset(password for password in FREQUENCY_LISTS["passwords"] if len(password) >= 8)
