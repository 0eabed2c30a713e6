"""Which tasks a person means by some words of theirs."""

import re
from collections.abc import Callable, Sequence
from difflib import SequenceMatcher
from typing import Any

_NOISE = frozenset(
    [
        "a",
        "an",
        "the",
        "my",
        "our",
        "this",
        "that",
        "task",
        "todo",
        "to-do",
        "item",
        "with",
        "for",
        "of",
        "on",
        "at",
        "about",
        "one",
        "i",
    ]
)
_ALIKE = 0.85
_SHORTEST = 4
_ENDINGS = re.compile(r"(?<=\w{3})(?:e?s|ing|ed)$")


def best(words: str, tasks: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The tasks whose titles fit best: one, none, or several between which the words do not decide."""
    wanted = _plain(words)
    if not wanted:
        return []
    exact = [task for task in tasks if _plain(task["title"]) == wanted]
    if exact:
        return exact
    parts = [word for word in wanted.split() if word not in _NOISE]
    for same in (_equal, _inflected, _misspelt) if parts else ():
        if found := [task for task in tasks if _holds(_plain(task["title"]).split(), parts, same)]:
            return found
    ratios = [(SequenceMatcher(None, wanted, _plain(task["title"])).ratio(), task) for task in tasks]
    top = max((ratio for ratio, _ in ratios), default=0)
    return [task for ratio, task in ratios if ratio == top] if top >= _ALIKE else []


def _plain(text: str) -> str:
    return re.sub(r"[^\w\s-]", "", text).lower().strip()


def _holds(title: list[str], parts: list[str], same: Callable[[str, str], bool]) -> bool:
    return all(any(same(part, word) for word in title) for part in parts)


def _equal(part: str, word: str) -> bool:
    return part == word


def _inflected(part: str, word: str) -> bool:
    return part == word or re.sub(_ENDINGS, "", part) == re.sub(_ENDINGS, "", word)


def _misspelt(part: str, word: str) -> bool:
    return part == word or (
        min(len(part), len(word)) >= _SHORTEST and SequenceMatcher(None, part, word).ratio() >= _ALIKE
    )
