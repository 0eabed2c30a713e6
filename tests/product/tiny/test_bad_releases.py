"""A release that can't work: its cause is shown, it is rolled back, and the old version serves all along."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.product.platform import ROOT, STATE, TINY, Run, kubectl, play, told
from tests.product.tiny.tiny import DEPLOYMENT, greeting, run, with_values

HELM = [str(STATE / "bin/helm"), "--kubeconfig", str(STATE / "kubeconfig"), "--namespace", "tiny"]


@pytest.mark.usefixtures("unharmed")
class TestOldVersionServes:
    """Nothing of a bad release is seen from outside."""

    def test_an_image_that_does_not_build_shows_the_build_s_own_last_lines(self, tmp_path: Path) -> None:
        app = tmp_path / "app"
        shutil.copytree(ROOT / "tests/tiny/app", app)
        with (app / "Dockerfile").open("a") as file:
            file.write("RUN echo the compiler ran out of luck && exit 7\n")
        [component] = DEPLOYMENT["images_components"]
        sources = {"context": str(app), "dockerfile": str(app / "Dockerfile")}
        failed = run(tmp_path, images_components=[component | sources])
        told(failed, "the compiler ran out of luck", "exit code: 7", "The whole output is in")

    def test_an_image_that_is_nowhere(self, tmp_path: Path) -> None:
        failed = run(tmp_path, **with_values(image={"repository": "nowhere", "tag": "none"}))
        told(failed, "image nowhere:none cannot be pulled", "--tags images", "serves again")

    def test_a_pod_that_crash_loops(self, tmp_path: Path) -> None:
        failed = run(tmp_path, **with_values(greeting=""))
        told(failed, "crashes with exit code 1", "GREETING is empty: there is nothing to greet with", "serves again")

    def test_a_readiness_probe_that_never_passes(self, tmp_path: Path) -> None:
        failed = run(tmp_path, **with_values(timeout="10s", readinessPath="/nope"))
        told(failed, "its readiness probe (GET :http/nope) never passes", "statuscode: 404", "serves again")

    def test_a_migration_that_fails(self, tmp_path: Path) -> None:
        failed = run(tmp_path, **with_values(migration="raise SystemExit('column due exists already')"))
        told(failed, "the migration failed with exit code 1: column due exists already", "serves again")

    def test_after_all_that_a_run_changes_nothing(self) -> None:
        again = play(inventory=TINY)
        assert (again.code, again.changed) == (0, 0), again.output[-4000:]


def test_a_release_that_is_stuck_in_pending_install(tiny: Run, tmp_path: Path) -> None:
    """Helm is killed while it installs: the next run says so, and installs."""
    subprocess.run([*HELM, "uninstall", "tiny", "--wait"], check=True, capture_output=True)
    kubectl("delete", "configmap", "todo-platform-release-tiny", namespace="tiny")
    install = [*HELM, "install", "tiny", str(ROOT / "tests/tiny/chart"), "--wait", "--set", "image.tag=none"]
    with subprocess.Popen(install, stdout=subprocess.DEVNULL) as helm:
        deadline = time.monotonic() + 30
        while _statuses() != ["pending-install"] and time.monotonic() < deadline:
            time.sleep(0.2)
        helm.send_signal(signal.SIGKILL)
    assert _statuses() == ["pending-install"]
    recovered = play(inventory=TINY)
    assert recovered.code == 0, recovered.output[-4000:]
    assert "revision 1 was left pending-install by a run that was cut off" in recovered.output
    assert greeting() == "hello"


def _statuses() -> list[str]:
    found = kubectl("get", "secrets", "-l", "owner=helm,name=tiny", "-o", "json", namespace="tiny")
    return [item["metadata"]["labels"]["status"] for item in json.loads(found)["items"]]
