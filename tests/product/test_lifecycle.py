"""Reset leaves nothing behind, and everything comes back."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.product.platform import STATE, play

pytestmark = pytest.mark.usefixtures("deployment")


def test_reset_asks_first() -> None:
    run = play(playbook="playbooks/reset.yml")
    assert run.code != 0
    assert "Nothing was removed" in run.output
    assert play().changed == 0


def test_reset_then_site_then_green() -> None:
    reset = play("-e", "reset_confirmed=true", "-e", "reset_cluster=true", playbook="playbooks/reset.yml")
    assert reset.code == 0, reset.output[-4000:]
    assert not (STATE / "kubeconfig").exists()
    assert not (STATE / "dev").exists()
    left = [p for p in ("/etc/kubernetes", "/var/lib/kubelet", "/run/todo-platform") if Path(p).exists()]
    assert left == []
    daemons = subprocess.run(["pgrep", "-f", "/var/lib/todo-platform/"], capture_output=True, text=True, check=False)
    assert daemons.stdout == ""
    assert "todo0" not in subprocess.run(["ip", "link"], capture_output=True, text=True, check=True).stdout

    again = play("-e", "reset_confirmed=true", playbook="playbooks/reset.yml")
    assert (again.code, again.changed) == (0, 0), again.output[-4000:]

    checked = play("--check", "--diff")
    assert checked.code == 0, "check mode works before a cluster exists\n" + checked.output[-4000:]
    assert not (STATE / "kubeconfig").exists()

    up = play()
    assert up.code == 0, up.output[-6000:]
    assert play().changed == 0


def test_every_process_killed_then_run_again() -> None:
    """What a power loss does to processes; the data must be there afterwards."""
    subprocess.run(["pkill", "-KILL", "-f", "/var/lib/todo-platform/"], check=False)
    subprocess.run(["pkill", "-KILL", "-f", "containerd-shim-runc-v2 -namespace k8s.io"], check=False)
    for name in ("kube-apiserver", "etcd", "kube-controller-manager", "kube-scheduler", "postgres"):
        subprocess.run(["pkill", "-KILL", "-x", name[:15]], check=False)
    run = play()
    assert run.code == 0, run.output[-6000:]
    assert play().changed == 0
