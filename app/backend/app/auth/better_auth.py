"""Tokens of a Better Auth server that shares the signing key: its JWT plugin with an HS256 `sign`."""

import hashlib
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import jwt
from pydantic import TypeAdapter, ValidationError

from app.auth.tokens import ISSUER, InvalidTokenError, decode
from app.fields import Email
from app.settings import Settings

_CLAIMS = ["sub", "iat", "exp", "iss", "aud"]
# RFC 8725: a token of another kind says so in its header; the plugin's have no type or the general one.
_TYPES = {None, "jwt"}
_EMAIL: TypeAdapter[str] = TypeAdapter(Email)


@dataclass(frozen=True)
class BetterAuthClaims:
    """Whom such a token speaks for; `session_id` is the token's own, so that it can be revoked like any session."""

    user_id: uuid.UUID
    session_id: uuid.UUID
    email: str | None
    email_verified: bool
    expires_at: datetime


class BetterAuthTokens:
    """Reads the tokens of a Better Auth server."""

    def __init__(self, settings: Settings) -> None:
        self._keys = settings.jwt_keys
        self._url = settings.better_auth_url

    def read(self, token: str) -> BetterAuthClaims:
        """Whom the token speaks for; raises InvalidTokenError.

        Other things that the server signs with the key, such as the tokens in its mails, have no subject or audience.
        """
        try:
            decoded = decode(
                token,
                self._keys,
                algorithms=["HS256"],
                issuer=self._url,
                options={"require": _CLAIMS, "verify_aud": False},
            )
            return _claims(token, decoded["header"], decoded["payload"])
        except (jwt.InvalidTokenError, ValueError, OverflowError) as error:
            raise InvalidTokenError from error


def _claims(token: str, header: dict[str, Any], payload: dict[str, Any]) -> BetterAuthClaims:
    issuer, kind = payload["iss"], header.get("typ")
    # The plugin names its own address as issuer and audience, and this application is behind the same address.
    if issuer == ISSUER or payload["aud"] != issuer or (kind and str(kind).lower()) not in _TYPES:
        raise InvalidTokenError
    return BetterAuthClaims(
        user_id=_user_id(issuer, payload["sub"]),
        # Not of the signature: its last character can be written in several ways.
        session_id=uuid.UUID(bytes=hashlib.sha256(token.rpartition(".")[0].encode()).digest()[:16]),
        email=_email(payload.get("email")),
        email_verified=payload.get("emailVerified") is True,
        expires_at=datetime.fromtimestamp(int(payload["exp"]), UTC),
    )


def _email(value: object) -> str | None:
    try:
        return _EMAIL.validate_python(value)
    except ValidationError:
        return None


def _user_id(issuer: str, subject: str) -> uuid.UUID:
    """The user's id here: the same if the server uses UUIDs, else one that belongs to its own kind of id."""
    try:
        return uuid.UUID(subject)
    except ValueError:
        return uuid.uuid5(uuid.NAMESPACE_URL, f"{issuer}#{subject}")
