#!/usr/bin/env python3
"""Write the parts of the documentation that are derived: role READMEs, the settings, and the tables in README.md.

`generate.py` writes them; `generate.py --check` fails when one is not what it should be.
"""

from __future__ import annotations

import importlib
import json
import re
import statistics
import sys
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench" / "results"


def cell(value: Any) -> str:
    """A value as it stands in a Markdown table."""
    if isinstance(value, list):
        value = " ".join(value)
    return str(value).replace("|", "\\|").replace("\n", " ").strip()


def option_rows(options: dict[str, Any], prefix: str = "") -> list[str]:
    rows = []
    for name, spec in options.items():
        default = "required" if spec.get("required") else ""
        if "default" in spec:
            default = f"`{json.dumps(spec['default'])}`"
        kind = spec.get("type", "str") + (f" of {spec['elements']}" if spec.get("elements") else "")
        rows.append(f"| `{prefix}{name}` | {kind} | {cell(default)} | {cell(spec.get('description', ''))} |")
        rows += option_rows(spec.get("options", {}), f"{prefix}{name}.")
    return rows


def role_readme(role: Path) -> str:
    """A role's README from its meta files."""
    meta = yaml.safe_load((role / "meta" / "main.yml").read_text())["galaxy_info"]
    entry_points = yaml.safe_load((role / "meta" / "argument_specs.yml").read_text())["argument_specs"]
    lines = [f"# {role.name}", "", f"{meta['description'].rstrip('.')}.", ""]
    lines += ["| Entry point | What it does |", "| --- | --- |"]
    lines += [f"| `{name}` | {cell(spec['short_description'])} |" for name, spec in entry_points.items()]
    lines += ["", *(cell(text) + "\n" for text in entry_points["main"].get("description", []))]
    lines += ["## Variables", "", "| Variable | Type | Default | Meaning |", "| --- | --- | --- | --- |"]
    lines += option_rows(entry_points["main"].get("options", {}))
    lines += ["", "Defaults that are computed are in [defaults/main.yml](defaults/main.yml).", ""]
    return "\n".join(lines)


def verbs_table() -> str:
    """The table of verbs: every playbook and the name of its first play."""
    rows = ["| Verb | What it does |", "| --- | --- |"]
    playbooks = sorted((ROOT / "playbooks").glob("*.yml"))
    rows += [f"| `playbooks/{path.name}` | {yaml.safe_load(path.read_text())[0]['name']} |" for path in playbooks]
    return "\n".join(rows)


def inventories_table() -> str:
    """The table of inventories: every one, and what the comment at its head says."""
    rows = ["| Inventory | What it brings up |", "| --- | --- |"]
    for path in sorted((ROOT / "inventories").glob("*/group_vars/all/deployment.yml")):
        head = path.read_text().splitlines()[1].removeprefix("#").strip()
        rows.append(f"| `inventories/{path.parents[2].name}` | {cell(head.rstrip('.'))} |")
    return "\n".join(rows)


def measures_table() -> str:
    """The table of measured promises, each from the newest result that has it."""
    newest: dict[str, tuple[dict[str, str], dict[str, str]]] = {}
    for file in sorted(RESULTS.glob("*.json")):
        result = json.loads(file.read_text())
        newest |= {measure["promise"]: (measure, result) for measure in result["measures"]}
    if not newest:
        return "Nothing has been measured yet: `make bench`."
    rows = ["| Promise | Wanted | Measured | When, at which commit |", "| --- | --- | --- | --- |"]
    for promise, (measure, result) in newest.items():
        rows.append(f"| {cell(promise)} | {cell(measure['wanted'])} | {cell(measure['measured'])} | {when(result)} |")
    machines = sorted({result["machine"] for _, result in newest.values()})
    return "\n".join([*rows, "", f"Measured on {'; '.join(machines)}."])


def drills(kind: str, name: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """What the drills of a kind saw last, each with the result that has it."""
    newest: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {}
    for file in sorted((RESULTS / "drills").glob("*.json")):
        result = json.loads(file.read_text())
        newest |= {row[name]: (row, result) for row in result.get(kind, [])}
    return list(newest.values())


def when(result: dict[str, Any]) -> str:
    return f"{result['date']}, `{result['commit']}`"


def rollouts_table() -> str:
    """The table of rolling updates."""
    rows = [
        "| Drill | Requests | Failed | Answers of the chat | Cut off and resumed | Unfinished | When, at which commit |"
    ]
    rows.append("| --- | --- | --- | --- | --- | --- | --- |")
    for row, result in drills("rollouts", "drill"):
        figures = (f"{row[key]:,}" for key in ("requests", "failed", "streams", "resumed", "unfinished"))
        rows.append(f"| {row['times']} {row['drill']} | {' | '.join(figures)} | {when(result)} |")
    return "\n".join(rows)


def kills_table() -> str:
    """The table of what was killed."""
    rows = ["| Killed | Times | Acknowledged writes | Lost | Recovered in, median | Longest | When, at which commit |"]
    rows.append("| --- | --- | --- | --- | --- | --- | --- |")
    for row, result in drills("kills", "drill"):
        seconds = row["seconds"]
        figures = f"{row['times']} | {row['acknowledged']:,} | {row['lost']}"
        times = f"{statistics.median(seconds):.0f} s | {max(seconds):.0f} s"
        rows.append(f"| {row['drill']} | {figures} | {times} | {when(result)} |")
    return "\n".join(rows)


def faults_table() -> str:
    """The table of releases that can't work."""
    rows = ["| What is wrong | What the run says | Requests meanwhile | Failed |", "| --- | --- | --- | --- |"]
    seen = drills("faults", "fault")
    for row, _ in seen:
        rows.append(f"| {row['fault']} | `{cell(row['message'])}` | {row['requests']:,} | {row['failed']} |")
    newest = sorted({when(result) for _, result in seen})
    return "\n".join([*rows, "", f"Seen {'; '.join(newest)}."])


def settings_page() -> str:
    """The backend's settings and the assistant's, as the code has them."""
    sys.path.insert(0, str(ROOT / "app" / "backend"))
    module = importlib.import_module("app.settings")
    lines = [
        "# Settings of the backend",
        "",
        "Environment variables, checked at start: what is wrong is told by name, and no value is shown.",
        "Several names of one setting may be given if they agree.",
        "",
        *settings_rows(module.Settings.model_json_schema(), module.ALIASES),
        "",
        "## The assistant",
        "",
        "Read by whoever runs it: the backend, or the agent's container.",
        "",
        *settings_rows(module.AgentSettings.model_json_schema(), {}),
    ]
    return "\n".join([*lines, ""])


def settings_rows(schema: dict[str, Any], aliases: dict[str, Any]) -> list[str]:
    """A table of settings."""
    rows = ["| Variable | Default | Allowed | Meaning |", "| --- | --- | --- | --- |"]
    for field, spec in schema["properties"].items():
        names = " or ".join(f"`{name}`" for name in aliases.get(field, [field.upper()]))
        default = "required" if field in schema.get("required", []) else shown_default(spec)
        rows.append(f"| {names} | {default} | {allowed(spec, schema)} | {cell(spec['description'])} |")
    return rows


def shown_default(spec: dict[str, Any]) -> str:
    """The default as one would set it; empty where there is none."""
    default = spec.get("default")
    if isinstance(default, list):
        default = ",".join(default)
    return f"`{default if isinstance(default, str) else json.dumps(default)}`" if default not in (None, "") else ""


def allowed(spec: dict[str, Any], schema: dict[str, Any]) -> str:
    """The values that a setting takes, in words."""
    if "$ref" in spec:
        spec = schema["$defs"][spec["$ref"].rpartition("/")[2]] | spec
    spec = next((kind for kind in spec.get("anyOf", []) if kind.get("type") != "null"), {}) | spec
    if "enum" in spec:
        return ", ".join(f"`{value}`" for value in spec["enum"])
    bounds = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤"}
    limits = " and ".join(f"{sign} {spec[name]}" for name, sign in bounds.items() if name in spec)
    kind = {"integer": "whole number", "number": "number", "boolean": "`true`, `false`", "array": "list"}
    return " ".join(part for part in (kind.get(spec.get("type", ""), "text"), limits) if part)


def fill(text: str, marker: str, content: str) -> str:
    """Text with what stands between a pair of markers replaced."""
    pattern = re.compile(rf"(<!-- {marker} -->\n).*?(<!-- /{marker} -->)", re.DOTALL)
    return pattern.sub(lambda match: f"{match[1]}{content}\n{match[2]}", text)


def wanted() -> dict[Path, str]:
    """Every derived file and what it should hold."""
    files = {role / "README.md": role_readme(role) for role in sorted((ROOT / "roles").iterdir()) if role.is_dir()}
    readme = ROOT / "README.md"
    text = fill(readme.read_text(), "verbs", verbs_table())
    text = fill(text, "inventories", inventories_table())
    files[readme] = fill(text, "measures", measures_table())
    files[ROOT / "docs" / "settings.md"] = settings_page()
    page = ROOT / "docs" / "drills.md"
    text = page.read_text()
    for marker, table in (("rollouts", rollouts_table()), ("kills", kills_table()), ("faults", faults_table())):
        text = fill(text, marker, table)
    files[page] = text
    return files


def main() -> int:
    stale = [path for path, text in wanted().items() if not path.is_file() or path.read_text() != text]
    if "--check" in sys.argv:
        for path in stale:
            print(f"{path.relative_to(ROOT)} is not what docs/generate.py makes of it: run it.", file=sys.stderr)
        return 1 if stale else 0
    for path in stale:
        path.write_text(wanted()[path])
        print(path.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
