"""What Schemathesis is told of this application: who calls, what there is, and which rules no JSON Schema can state."""

import json
import os
import random
import re
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import schemathesis
from schemathesis.core.failures import Failure
from schemathesis.generation.meta import TestPhase
from schemathesis.openapi.checks import RejectedPositiveData

SECRET = os.environ["JWT_SECRET"]
TOKEN = os.environ.get("FUZZ_TOKEN")
THINGS: list[dict[str, str]] = json.loads(os.environ.get("FUZZ_THINGS", "[]"))
"""The ids of things that belong together, by the names of their parameters."""

# They end the session that they are called in, or the feed that others read: strangers call them.
LAST_WORDS = {
    "POST /api/v1/auth/logout",
    "DELETE /api/v1/auth/sessions",
    "DELETE /api/v1/auth/sessions/{session_id}",
    "PATCH /api/v1/auth/me",
    "DELETE /api/v1/auth/me",
    "POST /api/v1/calendar/feed",
    "DELETE /api/v1/calendar/feed",
}

UNSTATED = re.compile(
    r"A task has at most \d+ (subtasks|reminders|attachments)\.|There are at most \d+ saved filters\."
    r"|There is no such (task|category)\.|The task has no due date\.|must name every subtask of the task once"
    r"|must be in the future|is outside the years \d+ to \d+|must be a date and time like .*"
    r"|is not the name of a time zone, .*|give either remind_at or minutes_before"
    r"|status, is_completed and completed contradict each other|changes belong to the action `update`, .*"
    r"|category_id and category are two names of one thing: .*"
    r"|is not one that this list gave in this order|was used for another request"
    r"|The (email address|part after the @-sign|part before the @-sign|domain name) .*|An email address .*"
    r"|is a common password; choose another|is wrong"
    r"|needs one FREQ of .*|has parts that can't be used: .*|must have an (INTERVAL|COUNT) .*|has an EXDATE .*"
    r"|must not have a number over .*"
    r"|has a date that .*|takes the lines RRULE .*|is daily, weekly, .*|is not a rule of RFC 5545|never comes|can't .*"
    r"|give one of message, confirm and retry_of|confirm and retry_of need a conversation_id"
    r"|.* does not wait for a yes or no|left nothing to be done|is not a failed answer that is the conversation's last"
    r"|is not the id of an event of this answer"
    r"|is empty|is of a type that is not accepted|is not (json|csv|todoist) in UTF-8|(tasks|line) ?[.\d].*"
)
"""Rules of the API that a request may break though its schema allows it."""


def stranger() -> str:
    """A token of a user who has not been here before, as Better Auth makes it."""
    user_id, now, issuer = str(uuid.uuid4()), datetime.now(UTC), "http://auth.example"
    claims = {"sub": user_id, "iat": now, "exp": now + timedelta(hours=1), "iss": issuer, "aud": issuer}
    return jwt.encode(claims | {"email": f"{user_id}@example.com"}, SECRET, "HS256")


if TOKEN:

    @schemathesis.auth(refresh_interval=None)
    class Caller:
        """Who calls."""

        def get(self, case: schemathesis.Case[Any], _: schemathesis.AuthContext) -> str:
            return stranger() if case.operation.label in LAST_WORDS else str(TOKEN)

        def set(self, case: schemathesis.Case[Any], data: str, _: schemathesis.AuthContext) -> None:
            case.headers["Authorization"] = f"Bearer {data}"


@schemathesis.hook
def before_call(context: schemathesis.HookContext, case: schemathesis.Case[Any], kwargs: dict[str, Any]) -> None:
    """Ask for things that there are, every other time; the administrator never disables themselves."""
    given = case.path_parameters
    ids = [name for name in given or {} if is_id(given[name])]
    linked = case.meta is None or case.meta.phase.name is TestPhase.STATEFUL
    if THINGS and ("user_id" in ids or (not linked and random.Random(str(given)).random() < 0.5)):  # noqa: S311
        thing = random.Random(str(given)).choice(THINGS)  # noqa: S311
        given.update({name: thing[name] for name in ids if name in thing})


@schemathesis.hook
def filter_failure(
    context: schemathesis.HookContext, failure: Failure, case: schemathesis.Case[Any], response: schemathesis.Response
) -> bool:
    """Whether a failure is one: what breaks no rule but those beyond the schema is rightly refused."""
    if not isinstance(failure, RejectedPositiveData) or response.status_code != 422:
        return True
    return not all(UNSTATED.fullmatch(error["detail"]) for error in response.json()["errors"])


def is_id(value: object) -> bool:
    try:
        uuid.UUID(str(value))
    except ValueError:
        return False
    return True
