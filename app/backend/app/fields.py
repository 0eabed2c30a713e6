"""Field types that several schemas share."""

import re
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated

from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email
from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints
from sqlalchemy import Enum, MetaData
from sqlmodel import SQLModel

_EARLIEST_YEAR, _LATEST_YEAR = 1900, 9000

# Names such as `.local` are good inside a closed network.
SPECIAL_USE_DOMAIN_NAMES.clear()


# Every module with a table imports this one: the names must be known before the first table is.
SQLModel.metadata.naming_convention = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
).naming_convention


def utcnow() -> datetime:
    """The time now, in UTC."""
    return datetime.now(UTC)


def words(enum: type[StrEnum], name: str) -> Enum:
    """The type of a column that holds one of the enum's words; `name` is its check constraint's."""
    return Enum(enum, name=name, native_enum=False, length=20, create_constraint=True, values_callable=lambda e: [*e])


def _refuse_timestamp(value: object) -> object:
    # Pydantic would also take seconds since the epoch, which the schema does not promise.
    if (isinstance(value, str) and not re.match(r"\d{4}-\d{2}-\d{2}", value)) or isinstance(value, int | float):
        raise ValueError("must be a date and time like 2030-01-31T12:00:00Z")
    return value


def _to_utc(value: datetime) -> datetime:
    # Some way from the ends of the calendar, so that there is room to reckon with it.
    if not _EARLIEST_YEAR <= value.year <= _LATEST_YEAR:
        raise ValueError(f"is outside the years {_EARLIEST_YEAR} to {_LATEST_YEAR}")
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _normalise_email(value: str) -> str:
    try:
        result = validate_email(value, check_deliverability=False, globally_deliverable=False)
    except EmailNotValidError as error:
        raise ValueError(str(error)) from None
    return result.normalized.lower()


UtcDatetime = Annotated[datetime, BeforeValidator(_refuse_timestamp), AfterValidator(_to_utc)]
"""A moment; without a zone it is taken as UTC."""

Text = Annotated[str, StringConstraints(pattern=r"^[^\x00]*$")]
"""Text that PostgreSQL can hold: anything without NUL."""

Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, pattern=r"^[^\x00]*[^\s\x00][^\x00]*$"),
]
"""Text that is not blank, without the spaces around it."""

Email = Annotated[
    str,
    Field(max_length=255, json_schema_extra={"format": "email"}),
    AfterValidator(_normalise_email),
]
"""An e-mail address in lower case; addresses inside a closed network count too."""
