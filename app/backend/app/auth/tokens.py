"""Access tokens (signed, short) and refresh tokens (random, exchanged at each use)."""

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from datetime import timedelta

import jwt

from app.fields import utcnow
from app.settings import Settings

_TYPE = "at+jwt"
_ISSUER = "todo.platform"
_AUDIENCE = "todo-api"
_CLAIMS = ["sub", "sid", "jti", "iat", "exp", "iss", "aud"]


class InvalidTokenError(Exception):
    """The token is not one of ours, or no longer good."""


@dataclass(frozen=True)
class AccessClaims:
    """Whom an access token speaks for."""

    user_id: uuid.UUID
    session_id: uuid.UUID


class AccessTokens:
    """Signs and reads access tokens."""

    def __init__(self, settings: Settings) -> None:
        self._key = settings.jwt_secret.get_secret_value()
        self._algorithm = settings.jwt_algorithm
        self.lifetime = settings.jwt_expiry

    def issue(self, claims: AccessClaims) -> str:
        """A new token for a session; good for `lifetime` seconds."""
        now = utcnow()
        payload = {
            "sub": str(claims.user_id),
            "sid": str(claims.session_id),
            "jti": str(uuid.uuid4()),
            "iat": now,
            "exp": now + timedelta(seconds=self.lifetime),
            "iss": _ISSUER,
            "aud": _AUDIENCE,
        }
        return jwt.encode(payload, self._key, self._algorithm, headers={"typ": _TYPE})

    def read(self, token: str) -> AccessClaims:
        """Whom the token speaks for; raises InvalidTokenError."""
        try:
            decoded = jwt.decode_complete(
                token,
                self._key,
                algorithms=[self._algorithm],
                audience=_AUDIENCE,
                issuer=_ISSUER,
                options={"require": _CLAIMS},
            )
            payload = decoded["payload"]
            claims = AccessClaims(user_id=uuid.UUID(payload["sub"]), session_id=uuid.UUID(payload["sid"]))
        except (jwt.InvalidTokenError, ValueError, AttributeError) as error:
            raise InvalidTokenError from error
        if decoded["header"].get("typ") != _TYPE:
            raise InvalidTokenError
        return claims


@dataclass(frozen=True)
class RefreshToken:
    """A random token that names its session."""

    session_id: uuid.UUID
    value: str

    @classmethod
    def generate(cls, session_id: uuid.UUID) -> "RefreshToken":
        """A new token for a session."""
        return cls(session_id, f"{session_id.hex}.{secrets.token_urlsafe(32)}")

    @classmethod
    def parse(cls, value: str) -> "RefreshToken":
        """The token a client sent; raises InvalidTokenError."""
        try:
            return cls(uuid.UUID(hex=value.partition(".")[0]), value)
        except ValueError as error:
            raise InvalidTokenError from error

    @property
    def hash(self) -> bytes:
        """What the database holds of the token."""
        return hashlib.sha256(self.value.encode()).digest()
