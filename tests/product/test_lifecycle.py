"""Reset leaves nothing behind, and everything comes back."""

from __future__ import annotations

import re
import subprocess
import time
from pathlib import Path

import pytest

from tests.product import node
from tests.product.platform import STATE, kubectl, play

pytestmark = [pytest.mark.usefixtures("deployment"), pytest.mark.alone]


def test_reset_asks_first() -> None:
    run = play(playbook="playbooks/reset.yml")
    assert run.code != 0
    assert "Nothing was removed" in run.output
    assert play().changed == 0


def test_settings_that_need_another_node_stop_before_anything_is_lost() -> None:
    run = play("--tags", "cluster", "-e", "cluster_pod_subnet=10.250.0.0/16")
    assert run.code != 0
    assert "was started with other settings" in run.output
    assert "reset_cluster=true" in run.output
    assert (play().code, play().changed) == (0, 0)


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


def packet_rules() -> set[str]:
    """The addresses of the Services that are led on to pods."""
    show = ("exec", "daemonset/kube-proxy", "--", "nft", "list", "map", "ip", "kube-proxy", "service-ips")
    return set(re.findall(r"([\d.]+ \. \w+ \. \d+) : goto", kubectl(*show, namespace="kube-system")))


def test_services_outlive_the_proxy_that_leads_to_them() -> None:
    """It finds the rules of the one before, as each finds its own when it writes them all anew, once an hour."""
    before = packet_rules()
    assert len(before) > 5
    kubectl("delete", "pod", "--selector=k8s-app=kube-proxy", namespace="kube-system")
    kubectl("rollout", "status", "daemonset/kube-proxy", "--timeout=60s", namespace="kube-system")
    # Long enough to have written them.
    time.sleep(10)
    assert packet_rules() == before


def test_every_process_killed_then_run_again() -> None:
    """What a power loss does to processes; the data must be there afterwards."""
    psql = ("exec", "statefulset/postgres", "--", "psql", "-U", "postgres", "-d", "todo", "-Atc")
    kubectl(*psql, "CREATE TABLE IF NOT EXISTS power_loss (at timestamptz); INSERT INTO power_loss VALUES (now())")
    assert node.kill() > 20
    run = play()
    assert run.code == 0, run.output[-6000:]
    assert play().changed == 0
    assert kubectl(*psql, "SELECT count(*) FROM power_loss").strip() == "1"
    kubectl(*psql, "DROP TABLE power_loss")
