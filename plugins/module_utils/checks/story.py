"""A story: requests in a row, each with what it expects, that pass on what they learn. What they are about is data."""

from __future__ import annotations

import dataclasses
import http.cookies
import json
import re
import secrets
from collections.abc import Mapping
from typing import Any

from ansible_collections.todo.platform.plugins.module_utils.checks.expect import differences, pick
from ansible_collections.todo.platform.plugins.module_utils.checks.model import (
    Context,
    Outcome,
    Settings,
    plural,
    shorten,
)
from ansible_collections.todo.platform.plugins.module_utils.checks.target import Target, TargetError, open_target
from ansible_collections.todo.platform.plugins.module_utils.http import RequestError
from ansible_collections.todo.platform.plugins.module_utils.kubectl import KubectlError

PLACEHOLDER = re.compile(r"\$\{(\w+)\}")
SHORTEST_MASKED = 6
LOST_IN_PROXY = {"authorization", "host"}
"""Headers that the API server does not hand on as they are."""


class StepError(Exception):
    """A step did not go as expected. `passing` means that it may on another try."""

    def __init__(self, message: str, passing: bool = False) -> None:
        super().__init__(message)
        self.passing = passing


@dataclasses.dataclass
class Memory:
    """What a story knows: generated values, captured ones, and cookies."""

    values: dict[str, Any]
    cookies: dict[str, str] = dataclasses.field(default_factory=dict)

    def fill(self, template: Any) -> Any:
        """`template` with `${name}` replaced by what is known; a text that is nothing else keeps the value's type.

        :raises KeyError: a name is not known.
        """
        if isinstance(template, Mapping):
            return {key: self.fill(value) for key, value in template.items()}
        if isinstance(template, list):
            return [self.fill(value) for value in template]
        if not isinstance(template, str):
            return template
        if whole := PLACEHOLDER.fullmatch(template):
            return self.values[whole[1]]
        return PLACEHOLDER.sub(lambda match: str(self.values[match[1]]), template)

    def mask(self, text: str) -> str:
        """`text` without any value of this story: passwords and tokens are among them."""
        secret = [str(value) for value in (*self.values.values(), *self.cookies.values())]
        for value in sorted(secret, key=len, reverse=True):
            if len(value) >= SHORTEST_MASKED:
                text = text.replace(value, "***")
        return text


def check_story(settings: Settings, context: Context) -> Outcome:
    """Play a story to its end. Steps with `always` are played whatever happened before, to leave nothing behind.

    `${random}` (12 hex digits) and `${password}` are made anew for each story.
    """
    memory = Memory(generated())
    steps = settings["steps"]
    direct = any(name.lower() in LOST_IN_PROXY for step in steps for name in step.get("headers") or {})
    problems: list[StepError] = []
    played = 0
    try:
        with open_target(settings, context, direct) as target:
            for step in steps:
                if problems and not step.get("always"):
                    continue
                try:
                    play(step, settings, target, memory)
                    played += 1
                except KeyError as error:
                    if not problems:
                        problems.append(StepError(f"{step['name']}: nothing was captured as {error}"))
                except StepError as error:
                    problems.append(error)
    except (TargetError, KubectlError) as error:
        return Outcome("failed", str(error))
    if problems:
        detail = memory.mask("; ".join(map(str, problems)))
        return Outcome("failed", shorten(detail, 400), final=not problems[0].passing)
    return Outcome("ok", f"{plural(played, 'request')}: {', '.join(step['name'] for step in steps)}", final=True)


def generated() -> dict[str, Any]:
    """What a story knows at its beginning."""
    return {"random": secrets.token_hex(6), "password": f"Aa1-{secrets.token_urlsafe(18)}"}


def play(step: Settings, settings: Settings, target: Target, memory: Memory) -> None:
    """Send a step's request, and learn from its answer.

    :raises StepError: the answer is not as expected.
    :raises KeyError: the step wants to know what nothing has taught.
    """
    headers = {**dict(target.headers), **memory.fill(step.get("headers") or {})}
    body = None
    if step.get("json") is not None:
        body = json.dumps(memory.fill(step["json"])).encode()
        headers.setdefault("Content-Type", "application/json")
    if memory.cookies:
        headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in memory.cookies.items())
    what = f"{step['name']}: {step['method']} {step['path']}"
    path = memory.fill(step["path"])
    try:
        response = target.endpoint.request(path, step["method"], headers, body, settings["request_timeout"])
    except RequestError as error:
        raise StepError(f"{what}: {error}", passing=True) from error
    for cookie in response.cookies:
        memory.cookies |= {name: morsel.value for name, morsel in http.cookies.SimpleCookie(cookie).items()}
    found = differences(response, memory.fill({k: v for k, v in (step.get("expect") or {}).items() if v is not None}))
    if found:
        # Only an error's body is shown: that of a success may hold a token that was not captured yet.
        said = f" ({shorten(response.text)})" if response.refused else ""
        raise StepError(f"{what}: {'; '.join(found)}{said}", passing=response.broken)
    for name, where in (step.get("capture") or {}).items():
        try:
            memory.values[name] = pick(response.json(), where)
        except (KeyError, ValueError) as error:
            raise StepError(f"{what}: its answer has no {where}") from error
