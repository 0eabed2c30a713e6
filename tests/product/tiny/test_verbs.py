"""The verbs of every day, on the tiny application."""

from __future__ import annotations

import base64
import io
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from tests.product.platform import TINY, Run, get, kubectl, play, told
from tests.product.tiny.tiny import ask, greets, run, with_values


@pytest.fixture(scope="module", autouse=True)
def plain(tiny: Run) -> None:
    """The application as its inventory says, whatever the tests before asked for."""
    up = play("--tags", "release", inventory=TINY)
    assert up.code == 0, up.output[-4000:]


def status() -> tuple[int, dict[str, Any]]:
    """The exit code of `status`, and what it says to programs."""
    run = ask("status", "-e", "status_format=json")
    found, _ = json.JSONDecoder().raw_decode(run.output)
    return run.code, found


def test_status_says_healthy_what_was_changed_by_hand_and_what_failed(tiny: Run) -> None:
    code, found = status()
    assert (code, found["problems"], found["drift"]) == (0, [], []), found
    [release] = found["releases"]
    assert (release["name"], release["state"], release["next"]) == ("tiny", "Active", "")
    assert [one["state"] for workload in found["workloads"] for one in workload["images"]] == ["built"]

    kubectl("set", "image", "deployment/tiny", "tiny=nowhere:none", namespace="tiny")
    code, found = status()
    [drift] = found["drift"]
    assert "image is nowhere:none instead of tiny:" in drift
    assert code != 0
    assert found["releases"][0]["state"] in {"Updating", "Failed"}
    assert found["releases"][0]["next"] == "repair"
    assert play("--tags", "release", inventory=TINY).code == 0
    assert status()[0] == 0


# Migrations, as an upgrade runs them and as a rollback asks them.
FIRST = (
    "import sys; sys.argv[1:] == ['--needs'] and print('1'); '--back-to' in sys.argv and sys.exit('due was renamed')"
)
SECOND = (
    "import sys; sys.argv[1:] == ['--needs'] and print('2'); sys.exit('--back-to' in sys.argv and '1' not in sys.argv)"
)


def test_rollback_asks_the_migrations_and_the_next_run_says_what_it_will_do(tiny: Run, tmp_path: Path) -> None:
    for words, migration in (("second", FIRST), ("third", SECOND)):
        assert run(tmp_path, "--tags", "release", **with_values(greeting=words, migration=migration)).code == 0
    assert greets("third")

    back = ask("rollback", "-e", "rollback_release=tiny")
    assert back.code == 0, back.output
    assert "tiny went back from revision" in back.output
    assert greets("second")

    refused = ask("rollback", "-e", "rollback_release=tiny")
    told(refused, "tiny was not rolled back: its migrations forbid it: due was renamed")
    assert greets("second")

    forward = play("--tags", "release", inventory=TINY)
    assert (forward.code, forward.changed) == (0, 1), forward.output[-4000:]
    assert "this brings it to what the sources say again" in forward.output
    assert greets("hello")


def test_scale_and_the_logs_of_all_pods(tiny: Run) -> None:
    arguments = ("-e", "component=tiny", "-e", "scale_replicas=2")
    assert ask("scale", *arguments).code == 0
    assert get("deployment", "tiny", namespace="tiny")["status"]["readyReplicas"] == 2
    said = ask("logs", "-e", "component=tiny").output
    assert len({line.split()[0] for line in said.splitlines() if line.startswith("[pod/tiny-")}) == 2
    assert ask("scale", "-e", "component=tiny", "-e", "scale_replicas=1").code == 0
    told(ask("shell", "-e", "component=tinny"), "no component is called 'tinny': did you mean tiny?")


def test_a_support_bundle_has_what_a_maintainer_needs_and_no_secret(tiny: Run, tmp_path: Path) -> None:
    canary = base64.b64decode(get("secret", "tiny", namespace="tiny")["data"]["PASSWORD"]).decode()
    assert len(canary) >= 16
    # In a log, in an object, and broken over lines where YAML may do that.
    shell = 'echo "connecting with $PASSWORD" > /proc/1/fd/1'
    kubectl("exec", "deployment/tiny", "--", "sh", "-c", shell, namespace="tiny")
    notes = [f"--from-literal=url=postgres://tiny:{canary}@db/tiny", f"--from-literal=long={'word ' * 40}{canary}"]
    kubectl("create", "configmap", "notes", *notes, namespace="tiny")
    try:
        made = ask("support", "-e", f"support_file={tmp_path}/bundle.tar.gz")
    finally:
        kubectl("delete", "configmap", "notes", namespace="tiny")
    assert (made.code, made.output.strip()) == (0, f"{tmp_path}/bundle.tar.gz")
    with tarfile.open(tmp_path / "bundle.tar.gz") as archive:
        texts = {file.name: (archive.extractfile(file) or io.BytesIO()).read() for file in archive if file.isfile()}
    found = " ".join(texts)
    for part in (
        "status.json",
        "versions.json",
        "facts.json",
        "report.json",
        "history.json",
        "objects.yaml",
        "events.txt",
    ):
        assert f"/{part}" in found
    everything = b"\n".join(texts.values())
    assert b"connecting with ***" in everything
    assert [form for form in (canary.encode(), base64.b64encode(canary.encode())) if form in everything] == []
    assert b"PRIVATE KEY" not in everything
    assert json.loads(next(text for name, text in texts.items() if name.endswith("/status.json")))["healthy"] is True
