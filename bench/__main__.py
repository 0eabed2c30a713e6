"""Measure the promises and keep the result: `python -m bench [--cold] [MEASURE ...]`.

Every time is a median; what can be compared is given as a ratio to something else in the same run, as machines differ.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

from bench import backend, frontend, measures

ALL = measures.ALL | backend.ALL | frontend.ALL
LONG = {"first_run", "fuzz", "coverage"}
RESULTS = Path(__file__).parent / "results"


def machine() -> str:
    """Cores, memory and kernel, in words."""
    gibibytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores, {gibibytes:.0f} GiB, {platform.system()} {platform.release().split('-')[0]}"


def commit() -> str:
    described = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True, check=True)
    return described.stdout.strip()


def keep(folder: Path, **content: object) -> None:
    """Write a dated result with its commit and machine."""
    now = datetime.datetime.now(datetime.UTC)
    report = {"date": now.date().isoformat(), "commit": commit(), "machine": machine(), **content}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{now:%Y-%m-%dT%H%M}.json").write_text(json.dumps(report, indent=1) + "\n")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "measures", nargs="*", metavar="MEASURE", help=f"of {', '.join(ALL)}; default: all but the long ones"
    )
    parser.add_argument("--cold", action="store_true", help="also measure the first run, with empty caches")
    arguments = parser.parse_args()
    left_out = LONG - ({"first_run"} if arguments.cold else set())
    names = arguments.measures or [name for name in ALL if name not in left_out]
    results: list[dict[str, object]] = []
    try:
        for name in names:
            print(f"== {name}", flush=True)
            for measure in ALL[name]():
                print(f"   {measure.promise}: {measure.measured} (wanted: {measure.wanted})", flush=True)
                results.append(asdict(measure))
    finally:
        if results:
            keep(RESULTS, measures=results)
    return 0


if __name__ == "__main__":
    sys.exit(main())
