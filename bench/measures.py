"""What is measured, one function a promise. They run on the `dev` deployment, which must be up."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
STATE = ROOT / ".state"
BIN = STATE / "bin"
NAMESPACE = "todo-dev"
RUNS = 5


@dataclass
class Measure:
    """One promise, what is wanted of it, and what was seen."""

    promise: str
    wanted: str
    measured: str
    seconds: list[float] = field(default_factory=list)


def run(command: list[str], **more: Any) -> subprocess.CompletedProcess[str]:
    """Run a command to its end; a failure shows its last lines."""
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False, **more)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return done


def play(*arguments: str, playbook: str = "site.yml", **more: Any) -> subprocess.CompletedProcess[str]:
    command = [str(ROOT / ".venv/bin/ansible-playbook"), playbook, "-i", "inventories/dev", *arguments]
    return run(command, **more)


def kubectl(*arguments: str) -> str:
    return run([str(BIN / "kubectl"), "--kubeconfig", str(STATE / "kubeconfig"), "-n", NAMESPACE, *arguments]).stdout


def timed(action: Callable[[], object]) -> float:
    start = time.monotonic()
    action()
    return time.monotonic() - start


def releases() -> list[str]:
    listed = run([str(BIN / "helm"), "--kubeconfig", str(STATE / "kubeconfig"), "-n", NAMESPACE, "list", "-q"])
    return listed.stdout.split()


@contextmanager
def plain_script() -> Iterator[Path]:
    """The script that every team writes: helm upgrade, rollout status and one request to each health route."""
    helm = f"{BIN}/helm --kubeconfig {STATE}/kubeconfig -n {NAMESPACE}"
    kube = f"{BIN}/kubectl --kubeconfig {STATE}/kubeconfig -n {NAMESPACE}"
    with tempfile.TemporaryDirectory() as folder:
        lines = ["#!/bin/sh", "set -eu"]
        for release in releases():
            values = Path(folder) / f"{release}.json"
            values.write_text(run([*helm.split(), "get", "values", release, "-o", "json"]).stdout)
            values.chmod(0o600)
            chart = f"{ROOT}/app/charts/{release}"
            lines.append(f"{helm} upgrade --install --wait {release} {chart} -f {values} >/dev/null")
        workloads = kubectl("get", "deployments,statefulsets", "-o", "name").split()
        lines += [f"{kube} rollout status {workload} >/dev/null" for workload in workloads]
        for service, path in (("todo-backend:8000", "/health"), ("todo-frontend:3000", "/api/health")):
            lines.append(f"{kube} get --raw /api/v1/namespaces/{NAMESPACE}/services/{service}/proxy{path} >/dev/null")
        script = Path(folder) / "deploy.sh"
        script.write_text("\n".join(lines) + "\n")
        script.chmod(0o700)
        yield script


def second_run() -> list[Measure]:
    """A run that changes nothing, then the plain script, which makes new revisions each time."""
    play()
    ours = []
    for _ in range(RUNS):
        start = time.monotonic()
        output = play().stdout
        ours.append(time.monotonic() - start)
        if "changed=0 " not in output:
            raise SystemExit(f"the run changed something:\n{output[-3000:]}")
    with plain_script() as script:
        theirs = [timed(lambda: run([str(script)])) for _ in range(RUNS)]
    play()
    ratio = statistics.median(ours) / statistics.median(theirs)
    seconds = statistics.median(ours)
    return [
        Measure("second run", "changed=0, ≤ 10 s", f"changed=0, {seconds:.1f} s", ours),
        Measure("second run ÷ plain helm and kubectl script", "≤ 2", f"{ratio:.2f}", theirs),
    ]


def edit() -> list[Measure]:
    """One changed line of the backend, until a new pod serves it."""
    source = ROOT / "app/backend/app/health/router.py"
    before = source.read_text()
    seconds = []
    try:
        for _ in range(RUNS):
            marker = uuid.uuid4().hex
            source.write_text(f"{before}\n# {marker}\n")
            seconds.append(timed(lambda: play("--tags", "images,release")))
    finally:
        source.write_text(before)
        play("--tags", "images,release")
    measured = f"{statistics.median(seconds):.1f} s"
    return [Measure("one changed backend line → the new pod serves", "≤ 12 s", measured, seconds)]


def reset() -> list[Measure]:
    """The cluster taken away and everything brought up again, with images and caches kept."""
    play("-e", "reset_confirmed=true", "-e", "reset_cluster=true", playbook="playbooks/reset.yml")
    seconds = timed(play)
    wanted, measured = "≤ 90 s", f"{seconds:.0f} s"
    return [Measure("reset with the cluster, then all green again", wanted, measured, [seconds])]


def first_run() -> list[Measure]:
    """An empty machine to green: caches, images and the cluster are gone before."""
    answers = ("reset_confirmed=true", "reset_cluster=true", "reset_caches=true")
    play(*(word for answer in answers for word in ("-e", answer)), playbook="playbooks/reset.yml")
    with tempfile.TemporaryDirectory() as go_cache:
        environment = {**os.environ, "GOCACHE": go_cache}
        start = time.monotonic()
        play(env=environment)
        seconds = time.monotonic() - start
    lasted: dict[str, float] = json.loads((STATE / "timings.json").read_text())["tasks"]
    compile_seconds = lasted["Compile Kubernetes and its companions"]
    minutes = f"{seconds / 60:.1f} min, of which {compile_seconds / 60:.1f} min compile"
    measured = f"{seconds / compile_seconds:.2f} ({minutes})"
    return [
        Measure("first run on an empty closed machine ÷ its own compile", "≤ 1.3", measured, [seconds, compile_seconds])
    ]


def power_loss() -> list[Measure]:
    """Every process of the node killed, then run again."""
    marker = uuid.uuid4().hex
    sql = f"CREATE TABLE IF NOT EXISTS bench_power (marker text); INSERT INTO bench_power VALUES ('{marker}')"
    psql = ("exec", "statefulset/postgres", "--", "psql", "-U", "postgres", "-d", "todo")
    kubectl(*psql, "-c", sql)
    run(["pkill", "-KILL", "-f", "todo-platform|/pause|kube-|etcd|postgres|gunicorn|next-server|traefik|coredns"])
    seconds = timed(play)
    query = "SELECT count(*) FROM bench_power WHERE marker = '" + marker + "'"
    count = kubectl(*psql, "-Atc", query)
    kubectl(*psql, "-c", "DROP TABLE bench_power")
    kept = "no data lost" if count.strip() == "1" else "DATA LOST"
    return [
        Measure("every process killed, then run again", "≤ 60 s, no data lost", f"{seconds:.0f} s, {kept}", [seconds])
    ]


def image_sizes() -> list[Measure]:
    """Sizes of the images as the node holds them, unpacked."""
    nodes = json.loads(kubectl("get", "nodes", "-o", "json"))["items"]
    sizes = {name: image["sizeBytes"] for image in nodes[0]["status"]["images"] for name in image["names"] or []}
    found = []
    for image in ("todo-backend", "todo-frontend"):
        size = next((s for name, s in sizes.items() if f"/{image}:" in name), 0)
        found.append(Measure(f"image {image}, compressed", "≤ 450 MB on the Debian base", f"{size / 1e6:.0f} MB"))
    return found


ALL: dict[str, Callable[[], list[Measure]]] = {
    "second_run": second_run,
    "edit": edit,
    "image_sizes": image_sizes,
    "power_loss": power_loss,
    "reset": reset,
    "first_run": first_run,
}
