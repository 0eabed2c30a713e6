"""Names as Kubernetes takes them, names that exist twice, and the name that somebody probably meant."""

from __future__ import annotations

import difflib
import re
from collections import Counter
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T", bound=Hashable)


@dataclass(frozen=True)
class NameRule:
    """What a kind of name may look like."""

    pattern: str
    length: int
    words: str


_LABEL = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_LABEL_WORDS = "lower-case letters, digits and hyphens, beginning and ending with a letter or digit"

RULES: dict[str, NameRule] = {
    # RFC 1123: namespaces, containers, ports and most names that become a label's value.
    "label": NameRule(_LABEL, 63, _LABEL_WORDS),
    # RFC 1123 with dots: Secrets, ConfigMaps, Deployments, host names.
    "subdomain": NameRule(rf"{_LABEL}(\.{_LABEL})*", 253, f"{_LABEL_WORDS}, and dots between such parts"),
    # RFC 1035: a Service's name becomes a DNS name and can't begin with a digit.
    "service": NameRule(
        r"[a-z]([-a-z0-9]*[a-z0-9])?", 63, "lower-case letters, digits and hyphens, beginning with a letter"
    ),
    # Helm leaves room for what charts append.
    "release": NameRule(rf"{_LABEL}(\.{_LABEL})*", 53, _LABEL_WORDS),
}


def name_problem(name: str, kind: str = "label") -> str:
    """Why a name can't be used for a kind of RULES, or an empty string."""
    rule = RULES[kind]
    if not name:
        return "is empty"
    if len(name) > rule.length:
        return f"has {len(name)} characters, at most {rule.length} are allowed"
    if not re.fullmatch(rule.pattern, name):
        return f"must be {rule.words}"
    return ""


def nearest(name: str, known: Iterable[str]) -> str:
    """The known name that is most like this one, or an empty string when none is."""
    return next(iter(difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)), "")


def suggestion(name: str, known: Iterable[str]) -> str:
    """What to say of an unknown name: the one probably meant, or all that there are."""
    names = sorted(known)
    near = nearest(name, names)
    return f"did you mean {near}?" if near else f"known are {', '.join(names) or 'none'}"


def duplicates(values: Iterable[T]) -> list[T]:
    """What exists more than once, each named once, in the order of its first appearance."""
    return [value for value, count in Counter(values).items() if count > 1]
