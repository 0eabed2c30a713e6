"""The link that is mailed to an address: it names account and address, is signed, and is good for nothing else."""

import uuid

import jwt

from app.auth.tokens import ISSUER, InvalidTokenError, decode
from app.confirmation.repository import LIFE
from app.fields import utcnow
from app.settings import Settings

_TYPE = "email+jwt"
_AUDIENCE = "email-confirmation"
_CLAIMS = ["sub", "email", "exp", "iss", "aud"]


class Links:
    """Makes and reads links."""

    def __init__(self, settings: Settings) -> None:
        self._keys = settings.jwt_keys
        self._algorithm = settings.jwt_algorithm
        self._url = (settings.public_url or "").rstrip("/")

    def make(self, user_id: uuid.UUID, email: str) -> str:
        """The address of the page that confirms; what is secret comes after the #, which no server is told."""
        payload = {"sub": str(user_id), "email": email, "exp": utcnow() + LIFE, "iss": ISSUER, "aud": _AUDIENCE}
        token = jwt.encode(payload, self._keys[0], self._algorithm, headers={"typ": _TYPE})
        return f"{self._url}/confirm-email#{token}"

    def read(self, token: str) -> tuple[uuid.UUID, str]:
        """The account and the address that a link's token names; raises InvalidTokenError."""
        rules = {"algorithms": [self._algorithm], "audience": _AUDIENCE, "issuer": ISSUER}
        try:
            decoded = decode(token, self._keys, **rules, options={"require": _CLAIMS})
            if decoded["header"].get("typ") != _TYPE:
                raise InvalidTokenError
            return uuid.UUID(decoded["payload"]["sub"]), decoded["payload"]["email"]
        except (jwt.InvalidTokenError, ValueError) as error:
            raise InvalidTokenError from error
