"""Every reference system on one cluster at the same time, each checked by a person's story through its own door."""

from __future__ import annotations

import json
import os
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import yaml

from tests.integration import own
from tests.integration.enforcement import enforced
from tests.product.platform import ROOT, STATE, kubectl, kubectl_command, play

SYSTEMS = ("todo-app", "evolved-todo", "agent-todo", "taskflow", "todo-cloud-native")
NODE_PORTS = {"evolved-todo": "evolved-todo-frontend", "taskflow": "taskflow-frontend-service"}
CONFIRMED = ("-e", "reset_confirmed=true", "-e", "reset_cluster=false")

# As on a cluster whose network nothing is known of.
TRY_POLICIES = {"validate_policies_enforced": None, "validate_writing": "always"}


@pytest.fixture(scope="module", autouse=True)
def _all_at_once() -> Iterator[None]:
    for name in SYSTEMS:
        run = play(inventory=f"inventories/{name}")
        assert run.code == 0, run.output[-6000:]
    yield
    for name in SYSTEMS:
        run = play(*CONFIRMED, inventory=f"inventories/{name}", playbook="playbooks/reset.yml")
        assert run.code == 0, run.output[-4000:]


def namespace(name: str) -> str:
    data = yaml.safe_load((ROOT / f"inventories/{name}/group_vars/all/deployment.yml").read_text())
    return str(data["deployment_namespace"])


def pods(where: str) -> dict[str, str]:
    """The pods of a namespace by uid, with their names."""
    found = json.loads(kubectl("get", "pods", "-o", "json", namespace=where))["items"]
    return {pod["metadata"]["uid"]: pod["metadata"]["name"] for pod in found}


def node_port(name: str, service: str) -> str:
    """A frontend's address on the node."""
    node = json.loads(kubectl("get", "nodes", "-o", "json"))["items"][0]["status"]["addresses"][0]["address"]
    port = kubectl("get", "service", service, "-o", "jsonpath={.spec.ports[0].nodePort}", namespace=namespace(name))
    return f"http://{node}:{port}"


@contextmanager
def door(name: str) -> Iterator[str]:
    """Where people find a system: its NodePort, its Ingress, or a forwarded port where its document gives neither."""
    if name == "todo-cloud-native":
        yield "http://todo.local"
    elif name in NODE_PORTS:
        yield node_port(name, NODE_PORTS[name])
    else:
        command = [*kubectl_command(namespace(name)), "port-forward", "service/frontend", ":3000"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as forward:
            assert forward.stdout is not None
            port = forward.stdout.readline().partition(" ->")[0].rpartition(":")[2]
            yield f"http://localhost:{port}"
            forward.terminate()


@contextmanager
def load(url: str) -> Iterator[list[str]]:
    """Readers of their tasks, one request after the other while the block runs; what failed of them."""
    failures: list[str] = []
    done = threading.Event()

    def read(person: own.Person) -> None:
        while not done.is_set():
            try:
                person.ask("tasks")
            except OSError as error:
                failures.append(str(error))

    threads = [threading.Thread(target=read, args=(own.Person(url, url),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        yield failures
    finally:
        done.set()
        for thread in threads:
            thread.join()


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_second_run_changes_nothing(name: str) -> None:
    run = play(inventory=f"inventories/{name}")
    assert (run.code, run.changed) == (0, 0), run.output[-4000:]


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_persons_story_passes_through_its_own_door(name: str) -> None:
    run = play("-e", "validate_writing=always", inventory=f"inventories/{name}", playbook="playbooks/validate.yml")
    assert run.code == 0, run.output[-4000:]
    checks = {one["name"]: one["status"] for one in json.loads((STATE / name / "report.json").read_text())["checks"]}
    assert (checks["a new user's story"], checks["the sign-in page loads"]) == ("ok", "ok")


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_person_with_a_browser_completes_a_task_and_talks_with_the_assistant(name: str) -> None:
    stories = "a visitor signs up, adds a task|the assistant adds a task"
    command = ["npx", "playwright", "test", "--project=desktop", f"--grep={stories}", "tasks.spec.ts", "chat.spec.ts"]
    with door(name) as url:
        environment = {**os.environ, "CI": "true", "BASE_URL": url}
        done = subprocess.run(
            command, cwd=ROOT / "app/frontend", env=environment, capture_output=True, text=True, check=False
        )
    assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]
    assert "2 passed" in done.stdout


def told_of_policies() -> tuple[str, str]:
    """What a run says of todo-app's policies, which has people's story played too."""
    run = play("-e", json.dumps(TRY_POLICIES), inventory="inventories/todo-app", playbook="playbooks/validate.yml")
    assert run.code == 0, run.output[-4000:]
    checks = {one["name"]: one for one in json.loads((STATE / "todo-app/report.json").read_text())["checks"]}
    assert checks["a new user's story"]["status"] == "ok"
    return checks["network policies"]["status"], checks["network policies"]["detail"]


def test_policies_that_nothing_enforces_are_found_out_by_a_packet() -> None:
    status, detail = told_of_policies()
    assert (status, "not enforced by this cluster" in detail) == ("warning", True)


def test_policies_that_are_enforced_keep_strangers_out_and_let_the_application_work() -> None:
    with enforced("todo-app"):
        status, detail = told_of_policies()
    assert (status, "a stranger does not reach backend-" in detail) == ("ok", True)


def test_any_backend_of_three_may_die_under_load() -> None:
    where = namespace("evolved-todo")
    with load(node_port("evolved-todo", "evolved-todo-frontend")) as failures:
        for _, name in sorted(pods(where).items()):
            if "backend" in name:
                kubectl("delete", "pod", name, "--grace-period=0", "--force", namespace=where)
                kubectl("rollout", "status", "deployment/evolved-todo-backend", "--timeout=180s", namespace=where)
    assert failures == []


def test_an_update_drops_no_request() -> None:
    where = namespace("evolved-todo")
    with load(node_port("evolved-todo", "evolved-todo-frontend")) as failures:
        for component in ("backend", "frontend"):
            kubectl("rollout", "restart", f"deployment/evolved-todo-{component}", namespace=where)
            kubectl("rollout", "status", f"deployment/evolved-todo-{component}", "--timeout=300s", namespace=where)
    assert failures == []


def belongings(where: str) -> set[str]:
    """What a namespace holds, by name and uid: of its pods what they belong to, as autoscalers add and take some."""
    found = json.loads(kubectl("get", "pods,services,configmaps,secrets", "-o", "json", namespace=where))["items"]
    staying = [one["metadata"] for one in found if "deletionTimestamp" not in one["metadata"]]
    owners = [owner for one in staying for owner in one.get("ownerReferences", ())]
    return {f"{one['name']} {one['uid']}" for one in [*staying, *owners] if "ownerReferences" not in one}


def test_removing_one_leaves_the_others_untouched() -> None:
    """Taskflow and todo-cloud-native share a namespace."""
    shared = namespace("taskflow")
    before = {where: belongings(where) for where in map(namespace, SYSTEMS)}
    run = play(*CONFIRMED, inventory="inventories/taskflow", playbook="playbooks/reset.yml")
    assert run.code == 0, run.output[-4000:]
    gone = {one for one in before[shared] if "taskflow" in one}
    assert gone
    before[shared] -= gone
    assert {where: belongings(where) for where in before} == before
    assert "taskflow" not in kubectl("get", "all,secrets,configmaps", "-o", "name", namespace=shared)
