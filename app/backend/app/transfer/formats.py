"""Files of tasks: JSON, CSV, and what Todoist exports."""

import csv
import io
import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from dateutil import parser as dates
from pydantic import ValidationError

from app.errors import InvalidError
from app.fields import utcnow
from app.tasks.models import DESCRIPTION_LENGTH
from app.tasks.recurrence import time_zones
from app.transfer.schemas import ExportedTask, ImportedTasks, ImportFormat

COLUMNS = [*ExportedTask.model_fields]
# What spreadsheets would take for a formula.
_FORMULA = re.compile(r"^'*[=+\-@\t\r]")

Read = tuple[ImportedTasks, list[str]]


def read(content: bytes, form: ImportFormat) -> Read:
    """The tasks of a file, and what could not be taken over; raises InvalidError that says where it is wrong."""
    try:
        text = content.decode("utf-8-sig")
        rows, warnings = _READERS[form](text)
    except (ValueError, csv.Error, RecursionError):
        raise InvalidError("file", f"is not {form} in UTF-8") from None
    try:
        return ImportedTasks.model_validate({"tasks": rows}), warnings
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise InvalidError("file", f"{place}: {first['msg'].removeprefix('Value error, ')}") from None


def write_row(values: Mapping[str, Any] | None = None) -> str:
    """A line of CSV: of a task, or the heading."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, COLUMNS)
    if values is None:
        writer.writeheader()
    else:
        cells = {**values, "tags": ",".join(values["tags"])}
        writer.writerow({name: _escape(str(cell)) if cell is not None else "" for name, cell in cells.items()})
    return buffer.getvalue()


def _escape(cell: str) -> str:
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _unescape(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def _read_json(text: str) -> tuple[Any, list[str]]:
    document = json.loads(text)
    return (document.get("tasks") if isinstance(document, dict) else document), []


def _read_csv(text: str) -> tuple[Any, list[str]]:
    rows = []
    for row in csv.DictReader(io.StringIO(text, newline="")):
        cells = {name: _unescape(cell) for name, cell in row.items() if isinstance(cell, str) and cell and name}
        known: dict[str, Any] = {name.strip().lower(): cell for name, cell in cells.items()}
        for name in ("recurrence_from_completion", "is_completed", "completed"):
            if name in known:
                known[name] = known[name].strip().lower() in {"true", "1", "yes"}
        rows.append(known)
    return rows, []


def _read_todoist(text: str) -> tuple[Any, list[str]]:
    tasks: list[dict[str, Any]] = []
    warnings: list[str] = []
    section = None
    for number, row in enumerate(csv.DictReader(io.StringIO(text, newline="")), start=2):
        cells = {(name or "").strip().upper(): (cell or "") for name, cell in row.items() if isinstance(cell, str)}
        kind, content = cells.get("TYPE", "").strip().lower(), cells.get("CONTENT", "").strip()
        if kind == "section":
            section = content
        elif kind == "note" and tasks:
            _append(tasks[-1], content)
        elif kind == "task" and cells.get("INDENT", "1").strip() in {"", "1"}:
            tasks.append(_todoist_task(cells, content, section, number, warnings))
        elif kind == "task" and tasks:
            tasks[-1]["subtasks"].append({"title": content[:255]})
    return tasks, warnings


def _todoist_task(
    cells: Mapping[str, str], content: str, section: str | None, number: int, warnings: list[str]
) -> dict[str, Any]:
    labels = re.findall(r"(?<!\S)@([^\s,]+)", content)
    zone_name = cells.get("TIMEZONE", "")
    zone_name = zone_name if zone_name in time_zones() else "UTC"
    task = {
        "title": re.sub(r"(?<!\S)@[^\s,]+\s*", "", content).strip() or content,
        "description": cells.get("DESCRIPTION") or None,
        "priority": {"1": "high", "2": "medium", "3": "low", "4": "low"}.get(cells.get("PRIORITY", ""), "medium"),
        "category": section,
        "tags": labels,
        "subtasks": [],
        "recurrence_timezone": zone_name,
    }
    if date := cells.get("DATE", "").strip():
        found = _todoist_date(date, ZoneInfo(zone_name))
        if not found:
            warnings.append(f"line {number}: the date is kept in the description")
            _append(task, date)
        task |= found
    return task


def _append(task: dict[str, Any], text: str) -> None:
    task["description"] = "\n".join(filter(None, [task["description"], text]))[:DESCRIPTION_LENGTH]


_EVERY = re.compile(
    r"every(?P<after>!?) (?:(?P<number>\d{1,3}|other) )?"
    r"(?:(?P<unit>day|week|month|year)s?|(?P<day>mon|tue|wed|thu|fri|sat|sun)[a-z]*|(?P<word>weekday|workday)s?)"
    r"(?: (?:at )?(?P<time>\d{1,2}(?::\d{2})? ?(?:am|pm)?))?",
    re.IGNORECASE,
)
_FREQUENCIES = {"day": "DAILY", "week": "WEEKLY", "month": "MONTHLY", "year": "YEARLY"}


def _todoist_date(text: str, zone: ZoneInfo) -> dict[str, Any]:
    """The due date and recurrence that a date of Todoist's means; nothing if it is not understood."""
    if every := _EVERY.fullmatch(text):
        number = {"other": "2"}.get((every["number"] or "1").lower(), every["number"] or "1")
        if every["unit"]:
            rule = f"FREQ={_FREQUENCIES[every['unit'].lower()]};INTERVAL={number}"
        else:
            days = every["day"][:2].upper() if every["day"] else "MO,TU,WE,TH,FR"
            rule = f"FREQ=WEEKLY;INTERVAL={number};BYDAY={days}"
        pattern = {"recurrence_pattern": f"RRULE:{rule}", "recurrence_from_completion": every["after"] == "!"}
        return pattern | _due(every["time"] or "23:59", zone)
    return _due(text, zone)


def _due(text: str, zone: ZoneInfo) -> dict[str, Any]:
    end_of_day = datetime.combine(utcnow().astimezone(zone).date(), time(23, 59))
    try:
        moment = dates.parse(text, default=end_of_day)
        return {"due_date": (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)}
    except (ValueError, OverflowError):
        return {}


_READERS: dict[ImportFormat, Callable[[str], tuple[Any, list[str]]]] = {
    ImportFormat.JSON: _read_json,
    ImportFormat.CSV: _read_csv,
    ImportFormat.TODOIST: _read_todoist,
}
