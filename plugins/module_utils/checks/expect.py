"""Compares an HTTP answer with what was expected of it, and names each difference."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.todo.platform.plugins.module_utils.checks.cluster import proxy_message
from ansible_collections.todo.platform.plugins.module_utils.checks.model import shorten
from ansible_collections.todo.platform.plugins.module_utils.http import Response

LONGEST_VALUE = 100


def differences(response: Response, expected: Mapping[str, Any]) -> list[str]:
    """How `response` differs from `expected`; none if it is as it should be.

    `expected` may have `status` (a list of codes; any 2xx if missing), `json` (see `mismatches`), `contains` (a text in
    the body) and `content_type` (the beginning of that header).
    """
    found = []
    codes = [int(code) for code in expected.get("status") or []]
    if (response.status not in codes) if codes else not response.succeeded:
        wanted = " or ".join(map(str, codes)) or "2xx"
        said = proxy_message(response)
        found.append(f"HTTP {response.status} instead of {wanted}" + (f" ({shorten(said)})" if said else ""))
    if (wanted_type := expected.get("content_type")) and not _type(response).startswith(wanted_type):
        found.append(f"its content is {_type(response) or 'of no type'} instead of {wanted_type}")
    if (text := expected.get("contains")) and text not in response.text:
        found.append(f"its body has no {text!r}")
    if expected.get("json") is not None:
        try:
            found.extend(mismatches(response.json(), expected["json"]))
        except ValueError:
            found.append("its body is not JSON")
    return found


def mismatches(actual: Any, expected: Any, where: str = "") -> list[str]:
    """Where `actual` lacks something of `expected`.

    An object must have the expected keys, a list must have an element for each expected one, in any order and with
    others beside them; everything else must be equal.
    """
    place = where or "the body"
    if isinstance(expected, Mapping):
        if not isinstance(actual, Mapping):
            return [f"{place} is {_value(actual)} instead of an object"]
        found = []
        for key, value in expected.items():
            path = f"{where}.{key}" if where else str(key)
            found += mismatches(actual[key], value, path) if key in actual else [f"{path} is missing"]
        return found
    if isinstance(expected, list):
        if not isinstance(actual, list):
            return [f"{place} is {_value(actual)} instead of a list"]
        return [
            f"{place} has no element like {_value(value)}"
            for value in expected
            if not any(not mismatches(one, value, where) for one in actual)
        ]
    return [] if actual == expected else [f"{place} is {_value(actual)} instead of {_value(expected)}"]


def pick(document: Any, path: str) -> Any:
    """The value at a dotted path, where a number counts in a list: `items.0.id`.

    :raises KeyError: there is none.
    """
    value = document
    for part in path.split("."):
        try:
            value = value[int(part)] if isinstance(value, list) else value[part]
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise KeyError(path) from error
    return value


def _type(response: Response) -> str:
    return response.headers.get("content-type", "")


def _value(value: Any) -> str:
    return shorten(repr(value), LONGEST_VALUE)
