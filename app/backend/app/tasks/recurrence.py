"""When a recurring task is due again: rules of RFC 5545 on the wall clock of a time zone."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import MAXYEAR, UTC, datetime, time
from functools import lru_cache
from typing import Self, cast
from zoneinfo import ZoneInfo, available_timezones

from dateutil.rrule import rrule, rrulestr

_WORDS = {"daily": "DAILY", "weekly": "WEEKLY", "monthly": "MONTHLY", "yearly": "YEARLY"}
_PARTS = {
    "FREQ",
    "INTERVAL",
    "COUNT",
    "UNTIL",
    "WKST",
    "BYDAY",
    "BYMONTHDAY",
    "BYYEARDAY",
    "BYWEEKNO",
    "BYMONTH",
    "BYSETPOS",
}
_LARGEST_NUMBER = 1000
_EARLIEST_YEAR = 2000
_LATEST_YEAR = 9600
# The Gregorian calendar repeats itself. A rule that never matches is searched for up to the year 9999: starting it
# there keeps that short.
_CYCLE = 400


@lru_cache
def time_zones() -> frozenset[str]:
    """The names of the time zones that there are."""
    return frozenset(available_timezones())


@dataclass(frozen=True)
class Recurrence:
    """A rule, on the wall clock of a zone, from a start on; its dates are `years` in the future."""

    rule: rrule
    excluded: frozenset[datetime]
    zone: ZoneInfo
    years: int

    @classmethod
    def parse(cls, pattern: str, start: datetime, zone_name: str) -> Self:
        """From `daily`, `weekly`, `monthly`, `yearly`, or lines RRULE and EXDATE; raises ValueError."""
        zone = ZoneInfo(zone_name)
        local = start.astimezone(zone).replace(tzinfo=None)
        if not _EARLIEST_YEAR <= local.year <= _LATEST_YEAR:
            raise ValueError(f"can't start outside the years {_EARLIEST_YEAR} to {_LATEST_YEAR}")
        years = (9700 - local.year) // _CYCLE * _CYCLE
        parts, excluded = _read(pattern.strip(), local, zone)
        until = parts.pop("UNTIL", None)
        try:
            text = ";".join(f"{name}={value}" for name, value in parts.items())
            rule = cast("rrule", rrulestr(text, dtstart=_shift(local, years)))
            if until:
                rule = rule.replace(until=_shift(_until(until, zone), years))
        except ValueError:
            raise ValueError("is not a rule of RFC 5545") from None
        return cls(rule, frozenset(excluded), zone, years)

    def after(self, moment: datetime) -> datetime | None:
        """The first time later than a moment, in UTC."""
        local = moment.astimezone(self.zone).replace(tzinfo=None)
        if local.year + self.years > MAXYEAR:
            return None
        # The wall clock may have been turned back since: a time on it can come twice.
        for far in self.rule.xafter(_shift(local, self.years), inc=True):
            found = _shift(far, -self.years)
            result = found.replace(tzinfo=self.zone).astimezone(UTC)
            if found not in self.excluded and result > moment:
                return result
        return None


@dataclass(frozen=True)
class Series:
    """The recurrence of a task, as it is stored."""

    pattern: str
    start: datetime
    zone_name: str
    from_completion: bool

    def check(self) -> None:
        """Raise ValueError that says what is wrong with it."""
        recurrence = Recurrence.parse(self.pattern, self.start, self.zone_name)
        if self.from_completion and "COUNT=" in self.pattern.upper():
            raise ValueError("can't be counted from each completion: leave out COUNT")
        if next(iter(recurrence.rule), None) is None:
            raise ValueError("never comes")

    def planned(self, due: datetime | None) -> datetime | None:
        """When a task that is due then is due again, if that is known before it is done."""
        if self.from_completion:
            return None
        return Recurrence.parse(self.pattern, self.start, self.zone_name).after(due or self.start)

    def following(self, due: datetime | None, completed_at: datetime) -> datetime | None:
        """When a task that was done is due again; times that passed meanwhile are left out."""
        start, last = self.start, max(due or self.start, completed_at)
        if self.from_completion:
            zone = ZoneInfo(self.zone_name)
            date, clock = completed_at.astimezone(zone).date(), self.start.astimezone(zone).time()
            start = last = datetime.combine(date, clock, zone).astimezone(UTC)
        return Recurrence.parse(self.pattern, start, self.zone_name).after(last)


def _read(pattern: str, local: datetime, zone: ZoneInfo) -> tuple[dict[str, str], set[datetime]]:
    if word := _WORDS.get(pattern.lower()):
        # On the last day of months that are too short, which RFC 5545 would leave out.
        days = ",".join(str(day) for day in range(28, local.day + 1))
        last = {"BYMONTHDAY": days, "BYSETPOS": "-1"} if word == "MONTHLY" and days else {}
        if word == "YEARLY" and (local.month, local.day) == (2, 29):
            last = {"BYMONTH": "2", "BYMONTHDAY": "-1"}
        return {"FREQ": word, **last}, set()
    rules, excluded = [], set[datetime]()
    for line in pattern.splitlines():
        head, _, value = line.strip().rpartition(":")
        name, *parameters = head.split(";")
        if name.upper() == "EXDATE":
            zones = [parameter[5:] for parameter in parameters if parameter.upper().startswith("TZID=")]
            excluded.update(_excluded(value, zones, local, zone))
        elif head.upper() in {"", "RRULE"}:
            rules.append(value)
        else:
            raise ValueError("takes the lines RRULE and EXDATE only; the due date is the start")
    if len(rules) != 1:
        raise ValueError("is daily, weekly, monthly, yearly, or one RRULE, with lines EXDATE if need be")
    return _parts(rules[0]), excluded


def _parts(rule: str) -> dict[str, str]:
    pairs = [part.partition("=") for part in rule.upper().strip(";").split(";")]
    parts = {name.strip(): value.strip() for name, _, value in pairs}
    if len(parts) < len(pairs) or parts.get("FREQ") not in _WORDS.values():
        raise ValueError("needs one FREQ of DAILY, WEEKLY, MONTHLY or YEARLY, and each other part at most once")
    if unknown := parts.keys() - _PARTS:
        raise ValueError(f"has parts that can't be used: {', '.join(sorted(name[:20] for name in unknown))}")
    for name in ("INTERVAL", "COUNT"):
        value = parts.get(name, "1")
        if not re.fullmatch("[0-9]{1,4}", value) or not 1 <= int(value) <= _LARGEST_NUMBER:
            raise ValueError(f"must have an {name} from 1 to {_LARGEST_NUMBER}")
    most = 53 if parts["FREQ"] == "YEARLY" and "BYMONTH" not in parts else 5
    if any(int(number) > most for number in re.findall("[0-9]+", parts.get("BYDAY", ""))):
        raise ValueError(f"must not have a number over {most} in its BYDAY")
    return parts


def _excluded(values: str, zone_names: list[str], local: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    if not time_zones().issuperset(zone_names):
        raise ValueError("has an EXDATE in a time zone that is not known")
    own = ZoneInfo(zone_names[0]) if zone_names else zone
    for value in values.split(","):
        moment = _moment(value.strip(), own, zone)
        yield moment if "T" in value.upper() else datetime.combine(moment, local.time())


def _until(value: str, zone: ZoneInfo) -> datetime:
    moment = _moment(value, zone, zone)
    return moment if "T" in value else datetime.combine(moment, time.max)


def _moment(value: str, own: ZoneInfo, zone: ZoneInfo) -> datetime:
    """A date or a time of RFC 5545, on the wall clock of `zone`."""
    form = "%Y%m%dT%H%M%S" if "T" in value.upper() else "%Y%m%d"
    try:
        moment = datetime.strptime(value.upper().removesuffix("Z"), form)  # noqa: DTZ007
        if form == "%Y%m%d":
            return moment
        return moment.replace(tzinfo=UTC if value.upper().endswith("Z") else own).astimezone(zone).replace(tzinfo=None)
    except (ValueError, OverflowError):
        raise ValueError("has a date that is not like 20300131 or 20300131T120000Z") from None


def _shift(moment: datetime, years: int) -> datetime:
    return moment.replace(year=moment.year + years)
