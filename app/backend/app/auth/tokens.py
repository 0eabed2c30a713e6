"""Access tokens (signed, short) and refresh tokens (secret, exchanged at each use)."""

import base64
import hashlib
import hmac
import secrets
import time
import uuid
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import jwt

from app.fields import utcnow
from app.settings import Settings

_TYPE = "at+jwt"
ISSUER = "todo.platform"
_AUDIENCE = "todo-api"
_VERIFIED_KEPT = 1000
_CLAIMS = ["sub", "sid", "jti", "iat", "exp", "iss", "aud"]


class InvalidTokenError(Exception):
    """The token is not one of ours, or no longer good."""


class ForeignTokenError(InvalidTokenError):
    """The token does not even say that it is one of ours."""


@dataclass(frozen=True, slots=True)
class Principal:
    """A caller: a user, in one of their sessions, and what they may do."""

    user_id: uuid.UUID
    session_id: uuid.UUID
    is_user: bool
    is_admin: bool


def decode(token: str, keys: Sequence[str], **rules: Any) -> dict[str, Any]:
    """Header and payload of a token that one of the keys signed; raises jwt.InvalidTokenError."""
    for key in keys[:-1]:
        with suppress(jwt.InvalidSignatureError):
            return jwt.decode_complete(token, key, **rules)
    return jwt.decode_complete(token, keys[-1], **rules)


@dataclass(frozen=True)
class AccessClaims:
    """Whom an access token speaks for."""

    user_id: uuid.UUID
    session_id: uuid.UUID


class AccessTokens:
    """Signs and reads access tokens."""

    def __init__(self, settings: Settings) -> None:
        self._keys = settings.jwt_keys
        self._algorithm = settings.jwt_algorithm
        self.lifetime = settings.jwt_expiry
        self._verified = lru_cache(_VERIFIED_KEPT)(self._verify)

    def issue(self, claims: AccessClaims, expires_at: datetime | None = None) -> str:
        """A new token for a session; good for `lifetime` seconds unless another end is given."""
        now = utcnow()
        payload = {
            "sub": str(claims.user_id),
            "sid": str(claims.session_id),
            "jti": str(uuid.uuid4()),
            "iat": now,
            "exp": expires_at or now + timedelta(seconds=self.lifetime),
            "iss": ISSUER,
            "aud": _AUDIENCE,
        }
        return jwt.encode(payload, self._keys[0], self._algorithm, headers={"typ": _TYPE})

    def read(self, token: str) -> AccessClaims:
        """Whom the token speaks for; raises InvalidTokenError. A signature that was found good is not checked again."""
        claims, expires_at = self._verified(token)
        if expires_at <= time.time():
            raise InvalidTokenError
        return claims

    def _verify(self, token: str) -> tuple[AccessClaims, int]:
        try:
            if jwt.get_unverified_header(token).get("typ") != _TYPE:
                raise ForeignTokenError
            decoded = decode(
                token,
                self._keys,
                algorithms=[self._algorithm],
                audience=_AUDIENCE,
                issuer=ISSUER,
                options={"require": _CLAIMS},
            )
            payload = decoded["payload"]
            claims = AccessClaims(user_id=uuid.UUID(payload["sub"]), session_id=uuid.UUID(payload["sid"]))
        except (jwt.InvalidTokenError, ValueError, AttributeError) as error:
            raise InvalidTokenError from error
        return claims, int(payload["exp"])


@dataclass(frozen=True)
class RefreshToken:
    """A token that names its session and can't be guessed."""

    session_id: uuid.UUID
    value: str

    @classmethod
    def generate(cls, session_id: uuid.UUID) -> "RefreshToken":
        """The first token of a session: random."""
        return cls._of(session_id, secrets.token_bytes(32))

    @classmethod
    def parse(cls, value: str) -> "RefreshToken":
        """The token a client sent; raises InvalidTokenError."""
        try:
            return cls(uuid.UUID(hex=value.partition(".")[0]), value)
        except ValueError as error:
            raise InvalidTokenError from error

    @classmethod
    def _of(cls, session_id: uuid.UUID, secret: bytes) -> "RefreshToken":
        return cls(session_id, f"{session_id.hex}.{base64.urlsafe_b64encode(secret).decode().rstrip('=')}")

    def successor(self, key: str) -> "RefreshToken":
        """The token that this one is exchanged for.

        It is always the same one, so that two tabs or replicas that present a token at once get the same answer, and
        nobody who lacks the key can tell it in advance.
        """
        return self._of(self.session_id, hmac.digest(key.encode(), b"refresh-token\0" + self.value.encode(), "sha256"))

    @property
    def hash(self) -> bytes:
        """What the database holds of the token."""
        return hashlib.sha256(self.value.encode()).digest()
