"""Days and times in what a person writes: found by a small grammar, reckoned with dateutil."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from dateutil.relativedelta import relativedelta

END_OF_DAY = time(23, 59)

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_NUMBERS = {
    word: value
    for value, words in enumerate(
        ("", "a an one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
    )
    for word in words.split()
}
_PARTS_OF_DAY = {"morning": time(9), "afternoon": time(15), "evening": time(18), "night": time(20)}
_NOON, _LAST_EARLY_HOUR = 12, 7

_WEEKDAY = rf"(?:{'|'.join(_WEEKDAYS)})"
_SHORT_WEEKDAY = r"(?:mon|tues?|wed|thu(?:rs?)?|fri|sat|sun)"
_MONTH = rf"(?:{'|'.join(f'{name[:3]}(?:{name[3:]})?' if name != 'may' else name for name in _MONTHS)}|sept)\.?"
_ORDINAL = r"(?:[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)"
_NUMBER_OF_DAY = rf"(?:{_ORDINAL}|[12]\d|3[01]|0?[1-9])"
_COUNT = rf"(?:\d{{1,3}}|{'|'.join(_NUMBERS)})"
_UNIT = r"(?:minutes?|mins?|hours?|days?|weeks?|months?|years?)"
_PREPOSITION = r"(?:(?:due|by|on|before|until|till|from|for|this|starting)\s+)*"

_CLOCK = (
    r"(?:(?:at\s+)?(?P<hour12>1[0-2]|0?[1-9])(?::(?P<minute12>[0-5]\d))?\s?(?P<half>[ap])\.?m\b\.?"
    r"|(?:at\s+)?(?P<hour24>[01]?\d|2[0-3]):(?P<minute24>[0-5]\d)\b"
    r"|at\s+(?P<hour>[01]?\d|2[0-3])\b(?:\s+o'?clock)?(?![-./]?\d)"
    r"|(?:at\s+)?(?P<named>noon|midday|midnight)\b"
    r"|(?:in\s+the\s+|this\s+|at\s+)?(?P<part>morning|afternoon|evening|night)\b)"
)
# A day that is a day wherever it stands, and one that is only a word unless something before it, or the edge of
# the sentence, says otherwise: "the monday meeting".
_PLAIN = (
    r"(?:(?:the\s+)?day\s+after\s+tomorrow|today|tonight|tomorrow"
    rf"|in\s+{_COUNT}\s+{_UNIT}|{_COUNT}\s+{_UNIT}\s+from\s+now"
    r"|(?:the\s+)?end\s+of\s+(?:the\s+|this\s+)?(?:day|week|month|year)"
    r"|(?:this|next)\s+(?:week(?:end)?|month|year)"
    rf"|(?:this|next)\s+(?:{_WEEKDAY}|{_SHORT_WEEKDAY}\b)"
    r"|\d{4}-\d{2}-\d{2}|\d{1,2}\.\d{1,2}\.(?:\d{4})?"
    rf"|{_MONTH}\s+{_NUMBER_OF_DAY}(?:(?:\s*,\s*|\s+)\d{{4}})?"
    rf"|(?:the\s+)?{_NUMBER_OF_DAY}\s+(?:of\s+)?{_MONTH}(?:(?:\s*,\s*|\s+)\d{{4}})?)"
)
_WORDLIKE = rf"(?:{_WEEKDAY}|{_SHORT_WEEKDAY}\b|(?:the\s+)?{_ORDINAL}|(?:the\s+)?weekend)"
_DAY = rf"(?P<day>{_PLAIN}|{_WORDLIKE})"

_NOT_POSSESSIVE = r"(?!'s)(?:\b|(?<=\.))"
_PHRASES = tuple(
    re.compile(rf"(?<![\w#-])(?P<preposition>{_PREPOSITION}){body}(?![\w-])", re.IGNORECASE)
    for body in (
        rf"{_DAY}{_NOT_POSSESSIVE}(?:\s*,?\s*(?:at\s+)?{_CLOCK})",
        rf"{_CLOCK}\s*,?\s*{_PREPOSITION}{_DAY}{_NOT_POSSESSIVE}",
        rf"{_DAY}{_NOT_POSSESSIVE}",
        rf"{_CLOCK}(?P<day>)",
    )
)
_DELTA = re.compile(rf"(?:by\s+)?(?P<count>{_COUNT})\s+(?:more\s+)?(?P<unit>{_UNIT})", re.IGNORECASE)


@dataclass(frozen=True)
class When:
    """A day, or a span of days of which one is meant, and perhaps a time; all on the person's wall clock."""

    first: date | None = None
    last: date | None = None
    day: date | None = None
    clock: time | None = None
    exact: datetime | None = None

    def due(self, now: datetime) -> datetime:
        """The moment when something is due that was said to be due then."""
        if self.exact:
            return self.exact
        if self.day:
            return _at(self.day, self.clock or END_OF_DAY, now)
        moment = _at(now.date(), self.clock or END_OF_DAY, now)
        return moment if moment > now else _at(now.date() + timedelta(days=1), self.clock or END_OF_DAY, now)

    def span(self, now: datetime) -> tuple[datetime, datetime]:
        """The days that are meant, from the beginning of the first to the end of the last."""
        first = self.first or self.day or (self.exact or now).date()
        last = self.last or self.day or first
        return _at(first, time(), now), _at(last + timedelta(days=1), time(), now)

    def moved(self, due: datetime | None, now: datetime) -> datetime:
        """When a task is due that was due at another time: a new day keeps the time, and a new time the day."""
        if self.exact or due is None or (self.day and self.clock):
            return self.due(now)
        local = due.astimezone(now.tzinfo)
        if self.day:
            return _at(self.day, local.time(), now)
        return _at(local.date(), self.clock or local.time(), now)


@dataclass(frozen=True)
class Shift:
    """A number of days, weeks or the like."""

    by: relativedelta

    def moved(self, due: datetime | None, now: datetime) -> datetime:
        """When a task is due that is put off; one without a date is counted from today on."""
        local = due.astimezone(now.tzinfo) if due else _at(now.date(), END_OF_DAY, now)
        moved = local.replace(tzinfo=None) + self.by
        return moved.replace(tzinfo=now.tzinfo)


@dataclass(frozen=True)
class Found:
    """A time in a text, and where it stands."""

    when: When
    start: int
    end: int

    def cut(self, text: str) -> str:
        """The text without it."""
        return f"{text[: self.start].rstrip()} {text[self.end :].lstrip()}".strip()


def find(text: str, now: datetime) -> Found | None:
    """The time that a text names; where it names several, the last one."""
    best: Found | None = None
    for phrase in _PHRASES:
        for match in phrase.finditer(text):
            if best and match.start() < best.end and best.start < match.end():
                continue
            if (found := _read(match, text, now)) and (best is None or found.end > best.end):
                best = found
    return best


def read(text: str, now: datetime) -> When | None:
    """The time that a text is, all of it."""
    text = text.strip(" ,.")
    found = find(text, now)
    return found.when if found and found.start == 0 and found.end == len(text) else None


def read_shift(text: str) -> Shift | None:
    """The length of time that a text is, such as `by two days`."""
    match = _DELTA.fullmatch(text.strip(" ,."))
    return Shift(_delta(match["count"], match["unit"])) if match else None


def to_utc(moment: datetime) -> str:
    """As tools take it."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _at(day: date, clock: time, now: datetime) -> datetime:
    return datetime.combine(day, clock.replace(second=0, microsecond=0, tzinfo=None), tzinfo=now.tzinfo)


def _read(match: re.Match[str], text: str, now: datetime) -> Found | None:
    words = match["day"].lower()
    before, after = text[: match.start()].strip(), text[match.end() :].strip(" .!,")
    if not match["preposition"] and (
        (before and after and re.fullmatch(_WORDLIKE, words))
        or ((before or after) and re.fullmatch(_SHORT_WEEKDAY, words))
    ):
        return None
    if match[0].lower().startswith(tuple(_PARTS_OF_DAY)):
        # The morning paper, the date night.
        return None
    try:
        when = _day(words, now) if words else When()
        clock = _clock(match)
    except ValueError:
        return None
    if when is None:
        return None
    if words == "tonight":
        clock = clock or _PARTS_OF_DAY["night"]
    start = match.start()
    return Found(replace(when, clock=clock) if clock else when, start, match.end())


def _clock(match: re.Match[str]) -> time | None:
    groups = match.groupdict()
    if groups.get("half"):
        hour = int(groups["hour12"]) % _NOON + (_NOON if groups["half"].lower() == "p" else 0)
        return time(hour, int(groups["minute12"] or 0))
    if groups.get("hour24"):
        return time(int(groups["hour24"]), int(groups["minute24"]))
    if groups.get("hour"):
        hour = int(groups["hour"])
        return time(hour + _NOON if 0 < hour < _LAST_EARLY_HOUR else hour)
    if groups.get("named"):
        return END_OF_DAY if groups["named"].lower() == "midnight" else time(_NOON)
    return _PARTS_OF_DAY[groups["part"].lower()] if groups.get("part") else None


def _day(words: str, now: datetime) -> When | None:
    words = re.sub(r"^the\s+", "", words)
    for pattern, reckon in _RECKONED:
        if match := re.fullmatch(pattern, words):
            return reckon(match, now)
    return None


def _one(day: date) -> When:
    return When(day=day)


def _span(first: date, last: date, day: date) -> When:
    return When(first=first, last=last, day=day)


def _monday(now: datetime) -> date:
    return now.date() - timedelta(days=now.weekday())


def _week(match: re.Match[str], now: datetime) -> When:
    monday = _monday(now) + timedelta(days=7 if match[1] == "next" else 0)
    sunday = monday + timedelta(days=6)
    return _span(monday, sunday, monday if match[1] == "next" else sunday)


def _weekend(match: re.Match[str], now: datetime) -> When:
    saturday = _monday(now) + timedelta(days=12 if match[1] == "next" else 5)
    sunday = saturday + timedelta(days=1)
    return _span(saturday, sunday, max(saturday, now.date()) if match[1] != "next" else saturday)


def _month(match: re.Match[str], now: datetime) -> When:
    months = match[2] == "month"
    first = now.date().replace(day=1) if months else now.date().replace(month=1, day=1)
    length = relativedelta(months=1) if months else relativedelta(years=1)
    first += length if match[1] == "next" else relativedelta()
    last = first + length - timedelta(days=1)
    return _span(first, last, first if match[1] == "next" else last)


def _end(match: re.Match[str], now: datetime) -> When:
    if match[1] == "day":
        return _one(now.date())
    if match[1] == "week":
        return _one(_monday(now) + timedelta(days=6))
    end = relativedelta(day=31) if match[1] == "month" else relativedelta(month=12, day=31)
    return _one(now.date() + end)


def _weekday(match: re.Match[str], now: datetime) -> When:
    index = next(i for i, name in enumerate(_WEEKDAYS) if name.startswith(match[2][:3]))
    if match[1] == "next ":
        return _one(_monday(now) + timedelta(days=7 + index))
    return _one(now.date() + timedelta(days=(index - now.weekday() - 1) % 7 + 1))


def _in(match: re.Match[str], now: datetime) -> When:
    delta = _delta(match[1], match[2])
    if delta.hours or delta.minutes:
        moment = (now.astimezone(UTC) + delta).astimezone(now.tzinfo)
        return When(exact=moment.replace(second=0, microsecond=0))
    return _one(now.date() + delta)


def _delta(count: str, unit: str) -> relativedelta:
    number = _NUMBERS.get(count.lower()) or int(count)
    name = unit.lower().removesuffix("s")
    return {
        "day": relativedelta(days=number),
        "week": relativedelta(weeks=number),
        "month": relativedelta(months=number),
        "year": relativedelta(years=number),
        "hour": relativedelta(hours=number),
    }.get(name) or relativedelta(minutes=number)


def _date(year: str | None, month: int, day: str, now: datetime) -> When:
    number = int(re.sub(r"\D", "", day))
    if year:
        return _one(date(int(year), month, number))
    this_year = date(now.year, month, number)
    return _one(this_year if this_year >= now.date() else date(now.year + 1, month, number))


def _ordinal(match: re.Match[str], now: datetime) -> When:
    number = int(re.sub(r"\D", "", match[0]))
    months = (now.date().replace(day=1) + relativedelta(months=ahead) for ahead in range(12))
    days = (first + relativedelta(day=number) for first in months)
    return _one(next(day for day in days if day.day == number and day >= now.date()))


def _month_number(name: str) -> int:
    return next(i for i, month in enumerate(_MONTHS, 1) if month.startswith(name[:3]))


_RECKONED: tuple[tuple[str, Callable[[re.Match[str], datetime], When]], ...] = (
    (r"today|tonight", lambda _, now: _one(now.date())),
    (r"tomorrow", lambda _, now: _one(now.date() + timedelta(days=1))),
    (r"day\s+after\s+tomorrow", lambda _, now: _one(now.date() + timedelta(days=2))),
    (r"(?:(this|next)\s+)?weekend", _weekend),
    (r"(this|next)\s+week", _week),
    (r"(this|next)\s+(month|year)", _month),
    (r"end\s+of\s+(?:the\s+|this\s+)?(day|week|month|year)", _end),
    (rf"(this |next )?({_WEEKDAY}|{_SHORT_WEEKDAY})", _weekday),
    (rf"in\s+({_COUNT})\s+({_UNIT})", _in),
    (rf"({_COUNT})\s+({_UNIT})\s+from\s+now", _in),
    (r"(\d{4})-(\d{2})-(\d{2})", lambda match, now: _date(match[1], int(match[2]), match[3], now)),
    (r"(\d{1,2})\.(\d{1,2})\.(\d{4})?", lambda match, now: _date(match[3], int(match[2]), match[1], now)),
    (
        rf"({_MONTH})\s+({_NUMBER_OF_DAY})(?:[\s,]+(\d{{4}}))?",
        lambda match, now: _date(match[3], _month_number(match[1]), match[2], now),
    ),
    (
        rf"({_NUMBER_OF_DAY})\s+(?:of\s+)?({_MONTH})(?:[\s,]+(\d{{4}}))?",
        lambda match, now: _date(match[3], _month_number(match[2]), match[1], now),
    ),
    (_ORDINAL, _ordinal),
)
