"""Conditions on tasks in what a person writes: `overdue`, `tagged shopping`, `due this week`."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from agent.rules import dates
from agent.rules.commands import Filter

_LABEL = r"\"?#?(?P<name>[\w-]+)\"?"
_CATEGORY = r"(?:\"(?P<quoted>[^\"]+)\"|(?P<name>[\w-]+))"
_NOISE = frozenset(
    [
        "a",
        "all",
        "also",
        "am",
        "any",
        "anything",
        "are",
        "do",
        "due",
        "everything",
        "for",
        "from",
        "get",
        "give",
        "got",
        "has",
        "have",
        "i",
        "in",
        "is",
        "it",
        "item",
        "items",
        "left",
        "list",
        "me",
        "my",
        "need",
        "of",
        "on",
        "one",
        "ones",
        "our",
        "please",
        "remain",
        "see",
        "show",
        "still",
        "task",
        "tasks",
        "that",
        "the",
        "their",
        "there",
        "these",
        "thing",
        "things",
        "this",
        "those",
        "to",
        "to-do",
        "to-dos",
        "todo",
        "todos",
        "up",
        "view",
        "was",
        "were",
        "what",
        "what's",
        "whats",
        "which",
        "with",
        "you",
        "your",
        "be",
        "should",
        "must",
        "finish",
        "done",
    ]
)

_Update = Callable[[re.Match[str]], dict[str, Any]]
_CONDITIONS: tuple[tuple[re.Pattern[str], _Update], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), update)
    for pattern, update in (
        (rf"\b(?:tagged|labell?ed)\s+(?:with\s+|as\s+)?{_LABEL}", lambda m: {"tag": m["name"]}),
        (rf"\b(?:with|having)\s+(?:the\s+)?(?:tag|label)\s+{_LABEL}", lambda m: {"tag": m["name"]}),
        (r"(?<!\w)#(?P<name>[\w-]+)", lambda m: {"tag": m["name"]}),
        (rf"\b(?:in|under)\s+(?:the\s+)?category\s+{_CATEGORY}", lambda m: {"category": m["quoted"] or m["name"]}),
        (
            rf"\b(?:in|under|of)\s+(?:the\s+|my\s+)?{_CATEGORY}\s+category",
            lambda m: {"category": m["quoted"] or m["name"]},
        ),
        (r"\b(?P<name>high|medium|low)(?:est)?[\s-]+priority\b", lambda m: {"priority": m["name"].lower()}),
        (r"\bpriority:?\s+(?P<name>high|medium|low)\b", lambda m: {"priority": m["name"].lower()}),
        (r"\b(?:urgent|important|top[\s-]priority)\b", lambda _: {"priority": "high"}),
        (r"\b(?:overdue|late|past\s+due)\b", lambda _: {"overdue": True}),
        (r"\b(?:recurring|repeating|recurrent)\b", lambda _: {"recurring": True}),
        (r"\b(?:in[\s-]progress|(?:already\s+)?started|under\s*way)\b", lambda _: {"status": "in_progress"}),
        (
            r"\b(?:open|pending|unfinished|outstanding|remaining|incomplete|(?:not|un)(?:\s+yet)?\s*(?:done|completed|finished))\b",
            lambda _: {"status": "open"},
        ),
        (r"\bdid (?:i|we) (?:finish|complete|do|get done)\b", lambda _: {"status": "completed"}),
        (r"\b(?:completed?|finished|done|closed)\b", lambda _: {"status": "completed"}),
    )
)


def read(text: str, now: datetime) -> Filter | None:
    """The conditions that a text is, all of it; `all tasks` has none, and others are about open tasks."""
    found: dict[str, Any] = {}
    rest = text
    for pattern, update in _CONDITIONS:
        match = pattern.search(rest)
        if match and not (update(match).keys() & found.keys()):
            found |= update(match)
            rest = f"{rest[: match.start()]} {rest[match.end() :]}"
    rest = re.sub(r"\b(today|tomorrow)'s\b", r"\1", rest, flags=re.IGNORECASE)
    rest = re.sub(r"\b(this|next)\s+(week|month)'s\b", r"\1 \2", rest, flags=re.IGNORECASE)
    if time := dates.find(rest, now):
        found["due"] = time.when.span(now)
        rest = time.cut(rest)
    words = re.findall(r"[\w'#-]+", rest)
    strange = [word for word in words if word.lower() not in _NOISE]
    if len(strange) == 1 and _before_tasks(strange[0], words):
        found["label"] = strange[0]
    elif strange:
        return None
    # What is late is open, and those who ask for all without a condition mean all.
    everything = not found and re.search(r"\ball\b", text, re.IGNORECASE)
    if not (everything or found.get("overdue")):
        found.setdefault("status", "open")
    return replace(Filter(), **found)


def has_condition(conditions: Filter) -> bool:
    """Whether it is about more than the status."""
    return replace(conditions, status=None) != Filter()


def _before_tasks(word: str, words: list[str]) -> bool:
    following = words[words.index(word) + 1 :][:1]
    return following in (["tasks"], ["todos"], ["items"], ["things"], ["to-dos"])
