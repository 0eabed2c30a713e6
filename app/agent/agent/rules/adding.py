"""New tasks in what a person writes: the title is what is left when everything else has been understood."""

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from agent.rules import dates
from agent.rules.text import title

_KIND = r"(?:tasks?|to-?dos?|items?|reminders?|notes?|entry|entries)"
_MANNER = (
    r"(?:(?P<urgent>urgent|important)|(?P<level>high|medium|low)[ -]priority|(?P<often>daily|weekly|monthly|yearly))"
)
_COUNT = r"(?:two|three|four|five|six|seven|eight|nine|ten|\d+|some|a few|several|these|the following)"

_OPENERS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?:add|create|make|new|write down|put down|note down|insert|schedule|set up|give me)\b"
        rf"(?: me\b)?(?: {_COUNT}\b)?(?: (?:a|an|the|another)\b)?(?: new\b)?(?: {_MANNER}\b)?"
        rf"(?: {_KIND}\b)?(?: for me\b)?(?: on my list\b| to (?:my|the) (?:to-?do )?list\b)?"
        r"(?:\s*:| (?:called|named|titled|saying)\b)? ?(?:to (?=\w))?",
        r"(?:(?:please )?remind me|remember|reminder)\b(?: to\b|:)?\s?",
        r"(?:don'?t|do not)(?: let me)? forget(?: to\b)?\s",
        r"(?:to-?do|task|reminder|note)\s*: ?",
        rf"(?:{_MANNER})\s*: ?",
    )
)
_PUT = re.compile(
    r"(?:put|stick|write) (?P<rest>.+?) (?:on|onto|in|into|to) (?:my|the) (?:to-?do )?list\b(?P<more>.*)", re.IGNORECASE
)
_NEED = re.compile(
    r"(?!what|which|how|when|where|who|do\b)(?P<before>.*?)\b(?:i|we)"
    r" (?:need|have|must|ought|should|gotta|want)(?: to\b| remember to\b)? (?P<rest>.+)",
    re.IGNORECASE,
)
_LIST = re.compile(
    rf"(?:add|create|make)(?: me)?(?: {_COUNT})?(?: new)? (?:tasks|to-?dos|items|reminders)\s*: ?(?P<rest>.+)",
    re.IGNORECASE,
)
_TO_LIST = re.compile(
    r"\s+(?:to|on|onto|in) (?:my|the) (?:to-?do )?list\b|\s+as an? (?:new )?(?:task|to-?do)$", re.IGNORECASE
)

_DESCRIPTION = re.compile(
    r"[\s,]+(?:with )?(?:the |a )?(?:description|notes?|details)\b:? \"?(?P<text>[^\"]+)\"?$", re.IGNORECASE
)
_TAGS = (
    re.compile(
        r"[\s,]+(?:and )?(?:(?:tagged|labell?ed)(?: with| as)?|with (?:the )?(?:tags?|labels?):?|(?:tags?|labels?):)"
        r" (?P<names>#?[\w-]+(?:(?:\s*,\s*|\s+and\s+)#?[\w-]+)*)",
        re.IGNORECASE,
    ),
    re.compile(r"(?<!\w)#(?P<names>[\w-]+)"),
)
_CATEGORIES = (
    re.compile(
        r"[\s,]+(?:(?:in|to|under|into|with) )?(?:the )?category:? (?:\"(?P<quoted>[^\"]+)\"|(?P<name>[\w-]+))",
        re.IGNORECASE,
    ),
    re.compile(
        r"[\s,]+(?:in|to|under|into) (?:the |my )?(?:\"(?P<quoted>[^\"]+)\"|(?P<name>[\w-]+)) category\b", re.IGNORECASE
    ),
)
_PRIORITIES = (
    re.compile(r"[\s,]*\b(?:with |as |at |and )?(?:a )?(?P<level>high|medium|low)[ -]priority\b", re.IGNORECASE),
    re.compile(r"[\s,]*\b(?:with |and )?priority:? (?:is )?(?P<level>high|medium|low)\b", re.IGNORECASE),
    re.compile(r"(?:[\s,]+(?:as|and|it is|it's)|,) (?P<urgent>urgent|important)$", re.IGNORECASE),
    re.compile(r" (?P<urgent>urgent)$", re.IGNORECASE),
)
_OFTEN = r"(?:daily|weekly|monthly|yearly|annually)"
_WEEKDAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_RECURRENCE = re.compile(
    rf"\b(?P<pattern>(?:every|each) (?:(?:other|two|three|four|\d{{1,2}}) )?(?:weekdays?|days?|weeks?|months?|years?"
    rf"|{_WEEKDAY}s?)\b|(?:on )?weekdays\b|{_OFTEN}(?=$|[ ,]+(?:at|on|from|starting|with|#)\b|,))",
    re.IGNORECASE,
)
_UNITS = {"day": "daily", "week": "weekly", "month": "monthly", "year": "yearly"}
_FREQUENCIES = {"day": "DAILY", "week": "WEEKLY", "month": "MONTHLY", "year": "YEARLY"}
_INTERVALS = {"other": 2, "two": 2, "three": 3, "four": 4}


def read(text: str, now: datetime) -> list[dict[str, Any]]:
    """The arguments of each task that a text asks for; none if it asks for none."""
    if several := _LIST.fullmatch(text):
        items = re.split(r"\s*[;,\n]\s*(?:and )?", several["rest"])
        return [fields for item in items if (fields := _fields(item, {}, now))]
    for opened, given in _opened(text):
        if fields := _fields(opened, given, now):
            return [fields]
    return []


def recurrence(text: str) -> str | None:
    """How often something comes again, as tools take it."""
    words = text.lower().replace("each ", "every ").strip()
    if words in (*_UNITS.values(), "annually"):
        return "yearly" if words == "annually" else words
    if words.removeprefix("on ").removeprefix("every ").rstrip("s") == "weekday":
        return "RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"
    match = re.fullmatch(r"every (?:(\w+) )?(\w+?)s?", words)
    if match is None:
        return None
    unit = "week" if re.fullmatch(_WEEKDAY, match[2]) else match[2]
    if unit not in _UNITS:
        return None
    interval = _INTERVALS.get(match[1] or "") or (int(match[1]) if (match[1] or "").isdigit() else 1)
    return _UNITS[unit] if interval == 1 else f"RRULE:FREQ={_FREQUENCIES[unit]};INTERVAL={interval}"


def _opened(text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """What comes after the words that ask for a task, and what these say about it."""
    if match := _PUT.fullmatch(text):
        yield f"{match['rest']}{match['more']}", {}
    for opener in _OPENERS:
        if match := opener.match(text):
            groups = match.groupdict()
            given: dict[str, Any] = {}
            if groups.get("urgent") or groups.get("level"):
                given["priority"] = (groups.get("level") or "high").lower()
            if groups.get("often"):
                given["recurrence_pattern"] = groups["often"].lower()
            yield text[match.end() :], given
    if match := _NEED.fullmatch(text):
        yield f"{match['rest']} {match['before']}".strip(), {}


def _fields(text: str, given: dict[str, Any], now: datetime) -> dict[str, Any]:
    fields = dict(given)
    quoted = re.match(r"\"([^\"]+)\"", text)
    rest = f"\0{text[quoted.end() :]}" if quoted else text
    rest = _TO_LIST.sub("", rest)
    if match := _DESCRIPTION.search(rest):
        fields["description"] = match["text"].strip()
        rest = rest[: match.start()]
    rest = _take_labels(rest, fields)
    rest = _take_priority(rest, fields)
    rest = re.sub(r"\(\s*\)", "", _take_times(rest, fields, now))
    rest = re.sub(r"^(?:to|that i|that)\s+", "", rest.strip(" ,;"), flags=re.IGNORECASE)
    rest = re.sub(
        r"\s+(?:and|with|,|due|by|on|at)$", "", re.sub(r"\s*,(?:\s*,)+", ",", rest).strip(" ,;"), flags=re.IGNORECASE
    )
    fields["title"] = title(quoted[1] if quoted else re.sub(r"\s+", " ", rest))
    return fields if re.search(r"\w", fields["title"]) else {}


def _take_labels(text: str, fields: dict[str, Any]) -> str:
    names: set[str] = set()
    for pattern in _TAGS:
        for match in pattern.finditer(text):
            names |= {name.strip(" #") for name in re.split(r"\s*,\s*|\s+and\s+", match["names"])}
        text = pattern.sub(" ", text)
    if names:
        fields["tags"] = sorted(names)
    for pattern in _CATEGORIES:
        if found := pattern.search(text):
            fields["category"] = found["quoted"] or found["name"]
            text = f"{text[: found.start()]} {text[found.end() :]}"
    return text


def _take_priority(text: str, fields: dict[str, Any]) -> str:
    for pattern in _PRIORITIES:
        if match := pattern.search(text):
            fields["priority"] = (match.groupdict().get("level") or "high").lower()
            text = f"{text[: match.start()]} {text[match.end() :]}"
    return text


def _take_times(text: str, fields: dict[str, Any], now: datetime) -> str:
    if match := _RECURRENCE.search(text):
        pattern = recurrence(match["pattern"])
        if pattern:
            fields["recurrence_pattern"] = pattern
            day = re.search(_WEEKDAY, match["pattern"], re.IGNORECASE)
            text = f"{text[: match.start()]}{f'on {day[0]}' if day else ''}{text[match.end() :]}"
    if time := dates.find(text, now):
        fields["due_date"] = time.when.due(now)
        text = time.cut(text)
    return text
