"""What checkov and kube-score say of every inventory's objects: nothing but what exceptions.yml gives a reason for.

Whether the objects are valid at all is asked of a real API server, in tests/charts.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.charts.charts import CACHE
from tests.charts.inventories import INVENTORIES, releases

HERE = Path(__file__).parent
CHECKOV = CACHE / "checkov/bin/checkov"
KUBE_SCORE = CACHE / "linters/kube-score"
EXCEPTIONS = yaml.safe_load((HERE / "exceptions.yml").read_text())
OK = 10


@dataclass(frozen=True)
class Finding:
    """What a tool says of an object, named as in KIND/NAME."""

    check: str
    inventory: str
    object: str


def output(*argv: str) -> Any:
    """The JSON that a tool prints; it ends with 1 when it has found something."""
    environment = {**os.environ, "LOG_LEVEL": "ERROR"}
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    return json.loads(done.stdout)


def by_checkov(folder: Path) -> set[Finding]:
    command = [str(CHECKOV), "--framework=kubernetes", f"--directory={folder}"]
    report = output(*command, "--skip-download", "--quiet", "--compact", "--output=json")
    assert report["summary"]["parsing_errors"] == 0
    assert report["summary"]["passed"] > 0
    found = set()
    for one in report["results"]["failed_checks"]:
        # A check of a pod and what it belongs to names the pod by its labels too.
        kind, _, name, *_ = one["resource"].split(".")
        found.add(Finding(f"checkov/{one['check_id']}", Path(one["file_path"]).stem, f"{kind}/{name}"))
    return found


def by_kube_score(folder: Path) -> set[Finding]:
    build = ["go", "build", f"-C={HERE}", f"-o={KUBE_SCORE.parent}/", "tool"]
    subprocess.run(build, env={**os.environ, "CGO_ENABLED": "0"}, check=True)
    found = set()
    for path in folder.iterdir():
        for one in output(str(KUBE_SCORE), "score", "--output-format=json", str(path)):
            name = f"{one['type_meta']['kind']}/{one['object_meta']['name']}"
            said = [check for check in one["checks"] if not check["skipped"]]
            assert said
            bad = {check["check"]["id"] for check in said if check["grade"] < OK}
            found |= {Finding(f"kube-score/{check}", path.stem, name) for check in bad}
    return found


def excused(finding: Finding, exception: dict[str, Any]) -> bool:
    """Whether an exception is about a finding."""
    return (
        finding.check in exception["checks"]
        and finding.inventory in exception.get("where", INVENTORIES)
        and re.fullmatch(exception.get("objects", ".*"), finding.object) is not None
    )


@pytest.fixture(scope="module")
def findings(tmp_path_factory: pytest.TempPathFactory) -> set[Finding]:
    folder = tmp_path_factory.mktemp("manifests")
    for name in INVENTORIES:
        manifests = [one for release in releases(name).values() for one in release.manifests]
        (folder / f"{name}.yaml").write_text(yaml.safe_dump_all(manifests))
    return by_checkov(folder) | by_kube_score(folder)


def test_every_finding_is_explained(findings: set[Finding]) -> None:
    unexplained = {one for one in findings if not any(excused(one, exception) for exception in EXCEPTIONS)}
    assert sorted(map(str, unexplained)) == []


def test_every_exception_explains_something(findings: set[Finding]) -> None:
    for exception in EXCEPTIONS:
        assert exception["reason"]
        found = [one for one in findings if excused(one, exception)]
        assert {one.check for one in found} == set(exception["checks"])
        assert {one.inventory for one in found} >= set(exception.get("where", ()))
