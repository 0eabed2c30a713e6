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
from functools import partial
from pathlib import Path

import yaml

from tests.product import node
from tests.product.loop import Loop
from tests.product.platform import NAMESPACE, ROOT, STATE, Run, kubectl, play, proxied

BIN = STATE / "bin"
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "todo-platform"
RUNS = 5


@dataclass
class Measure:
    """One promise, what is wanted of it, and what was seen."""

    promise: str
    wanted: str
    measured: str
    seconds: list[float] = field(default_factory=list)


def timed(action: Callable[[], object]) -> float:
    start = time.monotonic()
    action()
    return time.monotonic() - start


def command(argv: list[str], **environment: str) -> str:
    """Run a command to its end; a failure shows its last lines."""
    done = subprocess.run(
        argv, capture_output=True, text=True, cwd=ROOT, env={**os.environ, **environment}, check=False
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(argv)} failed:\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return done.stdout


def good(run: Run) -> Run:
    if run.code:
        raise SystemExit(f"the run failed:\n{run.output[-3000:]}")
    return run


def helm(*arguments: str) -> str:
    return command([str(BIN / "helm"), "--kubeconfig", str(STATE / "kubeconfig"), "-n", NAMESPACE, *arguments])


@contextmanager
def releases() -> Iterator[dict[str, Path]]:
    """The deployment's releases, each with a file of its values as Helm has them."""
    with tempfile.TemporaryDirectory() as folder:
        files = {name: Path(folder) / f"{name}.json" for name in helm("list", "-q").split()}
        for name, file in files.items():
            file.write_text(helm("get", "values", name, "-o", "json"))
        yield files


@contextmanager
def plain_script() -> Iterator[list[str]]:
    """The script that every team writes: helm upgrade, rollout status and one request to each health route."""
    helm = f"{BIN}/helm --kubeconfig {STATE}/kubeconfig -n {NAMESPACE}"
    kube = f"{BIN}/kubectl --kubeconfig {STATE}/kubeconfig -n {NAMESPACE}"
    with releases() as values:
        lines = ["#!/bin/sh", "set -eu"]
        for name, file in values.items():
            lines.append(f"{helm} upgrade --install --wait {name} {ROOT}/app/charts/{name} -f {file} >/dev/null")
        workloads = kubectl("get", "deployments,statefulsets", "-o", "name").split()
        lines += [f"{kube} rollout status {workload} >/dev/null" for workload in workloads]
        for service, path in (("todo-backend:8000", "/health"), ("todo-frontend:3000", "/api/health")):
            lines.append(f"{kube} get --raw /api/v1/namespaces/{NAMESPACE}/services/{service}/proxy{path} >/dev/null")
        script = next(iter(values.values())).parent / "deploy.sh"
        script.write_text("\n".join(lines) + "\n")
        yield ["sh", str(script)]


@contextmanager
def helmfile() -> Iterator[list[str]]:
    """`helmfile sync` of the same releases, which waits for them too."""
    program = CACHE / "bench" / "helmfile"
    if not program.exists():
        command(["go", "build", "-C", "bench/helmfile", "-o", f"{program.parent}/", "tool"], CGO_ENABLED="0")
    with releases() as values:
        described = [
            {"name": name, "namespace": NAMESPACE, "chart": f"{ROOT}/app/charts/{name}", "values": [str(file)]}
            for name, file in values.items()
        ]
        file = next(iter(values.values())).parent / "helmfile.yaml"
        file.write_text(yaml.safe_dump({"helmDefaults": {"wait": True}, "releases": described}))
        options = ["--kubeconfig", str(STATE / "kubeconfig"), "--helm-binary", str(BIN / "helm")]
        yield [str(program), "--file", str(file), *options, "sync", "--skip-deps"]


def second_run() -> list[Measure]:
    """A run that changes nothing, then its peers, which make new revisions each time."""
    good(play())
    ours = []
    for _ in range(RUNS):
        start = time.monotonic()
        run = good(play())
        ours.append(time.monotonic() - start)
        if run.changed:
            raise SystemExit(f"the run changed something:\n{run.output[-3000:]}")
    seconds = statistics.median(ours)
    measures = [Measure("second run", "changed=0, ≤ 10 s", f"changed=0, {seconds:.1f} s", ours)]
    for name, wanted, peer in (
        ("a plain helm and kubectl script", "≤ 2", plain_script),
        ("helmfile sync", "", helmfile),
    ):
        with peer() as argv:
            theirs = [timed(lambda: command(argv)) for _ in range(RUNS)]
        ratio = seconds / statistics.median(theirs)
        measures.append(Measure(f"second run ÷ {name}", wanted, f"{ratio:.2f}", theirs))
    good(play())
    return measures


def edit() -> list[Measure]:
    """One changed line of the backend, until the run has ended with the new pod serving it."""
    source = ROOT / "app/backend/app/health/router.py"
    before = source.read_text()
    seconds = []
    try:
        for _ in range(RUNS):
            source.write_text(f"{before}\n# {uuid.uuid4().hex}\n")
            seconds.append(timed(lambda: good(play("--tags", "images,release"))))
    finally:
        source.write_text(before)
        good(play("--tags", "images,release"))
    measured = f"{statistics.median(seconds):.1f} s"
    return [Measure("one changed backend line → the new pod serves", "≤ 12 s", measured, seconds)]


def live_edit() -> list[Measure]:
    """One changed line of the backend while `make dev` watches it, until the pod that is there serves it."""
    source = ROOT / "app/backend/app/health/router.py"
    before, line = source.read_text(), 'return Probe(status="ok")'

    def serve(mark: str) -> None:
        source.write_text(before.replace(line, f'return Probe(status="ok", detail="{mark}")', 1))
        while mark not in str(proxied("todo-backend:8000", "/livez")):
            pass

    with Loop("-e", "component=todo-backend") as loop:
        try:
            loop.says("watching")
            seconds = [timed(partial(serve, uuid.uuid4().hex)) for _ in range(RUNS)]
        finally:
            source.write_text(before)
    measured = f"{statistics.median(seconds):.1f} s"
    return [Measure("one changed backend line during `make dev` → the same pod serves it", "≤ 3 s", measured, seconds)]


def reset() -> list[Measure]:
    """The cluster taken away and everything brought up again, with images and caches kept."""
    good(play("-e", "reset_confirmed=true", "-e", "reset_cluster=true", playbook="playbooks/reset.yml"))
    seconds = timed(lambda: good(play()))
    return [Measure("reset with the cluster, then all green again", "≤ 90 s", f"{seconds:.0f} s", [seconds])]


def first_run() -> list[Measure]:
    """An empty machine to green: caches, images and the cluster are gone before."""
    answers = ("reset_confirmed=true", "reset_cluster=true", "reset_caches=true")
    good(play(*(word for answer in answers for word in ("-e", answer)), playbook="playbooks/reset.yml"))
    with tempfile.TemporaryDirectory() as go_cache:
        seconds = timed(lambda: good(play(environment={"GOCACHE": go_cache})))
    ended = [
        (mark.stat().st_mtime, json.loads(mark.read_text())["seconds"]) for mark in CACHE.glob("toolchain/*/*.complete")
    ]
    compiling = max(end for end, _ in ended) - min(end - lasted for end, lasted in ended)
    minutes = f"{seconds / 60:.1f} min, of which {compiling / 60:.1f} min compiling"
    measured = f"{seconds / compiling:.2f} ({minutes})"
    return [Measure("first run on an empty closed machine ÷ its own compile", "≤ 1.3", measured, [seconds, compiling])]


def power_loss() -> list[Measure]:
    """Every process of the node killed, then run again."""
    marker = uuid.uuid4().hex
    psql = ("exec", "statefulset/postgres", "--", "psql", "-U", "postgres", "-d", "todo", "-Atc")
    kubectl(*psql, f"CREATE TABLE IF NOT EXISTS bench_power (marker text); INSERT INTO bench_power VALUES ('{marker}')")
    node.kill()
    seconds = timed(lambda: good(play()))
    count = kubectl(*psql, f"SELECT count(*) FROM bench_power WHERE marker = '{marker}'")
    kubectl(*psql, "DROP TABLE bench_power")
    kept = "no data lost" if count.strip() == "1" else "DATA LOST"
    measured = f"{seconds:.0f} s, {kept}"
    return [Measure("every process killed, then run again", "≤ 60 s, no data lost", measured, [seconds])]


def image_sizes() -> list[Measure]:
    """Sizes of the images as the node holds them, compressed."""
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
    "live_edit": live_edit,
    "image_sizes": image_sizes,
    "power_loss": power_loss,
    "reset": reset,
    "first_run": first_run,
}
