"""The secrets role, from the vault to the Secrets of a real API server; and no value ever shown."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml

from tests.charts.api_server import ApiServer, KubectlError
from tests.charts.charts import find_tool
from tests.unit.tiny_deployment import Deployment, Run

CANARY = "cAnArY-4711-value"
SPEC = [{"name": "vault_signing_key", "generate": True, "min_length": 32}, {"name": "vault_password", "generate": True}]
ITEMS: list[dict[str, Any]] = [
    {
        "name": "app-secrets",
        "data": {
            "JWT_SECRET": "{{ vault_signing_key }}",
            "DATABASE_URL": "postgresql://todo:{{ vault_password }}@postgres:5432/todo",
        },
    },
    {"name": "web-secrets", "data": {"better-auth-secret": "{{ vault_signing_key }}"}},
]
EQUAL = [[{"secret": "app-secrets", "key": "JWT_SECRET"}, {"secret": "web-secrets", "key": "better-auth-secret"}]]


class Cluster:
    """The deployment's namespace in the API server."""

    def __init__(self, server: ApiServer, deployment: Deployment, namespace: str) -> None:
        self.server, self.deployment, self.namespace = server, deployment, namespace
        bin_dir = deployment.folder / "bin"
        bin_dir.mkdir()
        (bin_dir / "kubectl").symlink_to(find_tool("kubectl") or "")
        self.facts = {"kubeconfig": str(server.kubeconfig), "context": "", "bin_dir": str(bin_dir)}
        self.describe()
        self.play("main")

    def describe(self, items: list[dict[str, Any]] | None = None, **variables: Any) -> None:
        self.deployment.describe(
            **{
                "deployment_namespace": self.namespace,
                "deployment_environment": "development",
                "cluster_facts": self.facts,
                "secrets_vault_spec": SPEC,
                "secrets_items": ITEMS if items is None else items,
                "secrets_equal": EQUAL if items is None else [],
            }
            | variables
        )

    def play(self, entry: str) -> None:
        """Let the playbook run one entry of the role and write down what it learned."""
        include = {"name": "todo.platform.secrets", "tasks_from": entry}
        role = {"name": "Secrets", "ansible.builtin.include_role": include}
        self.deployment.play(role, self.deployment.keep("{{ secrets_facts | default({}) }}"))

    def run(self, *arguments: str, code: int = 0) -> Run:
        return self.deployment.run(*arguments, code=code)

    def kubectl(self, *arguments: str, stdin: str | None = None) -> str:
        return self.server.kubectl("-n", self.namespace, *arguments, stdin=stdin)

    def get(self, name: str) -> dict[str, Any]:
        return dict(json.loads(self.kubectl("get", "secret", name, "-o", "json")))

    def data(self, name: str) -> dict[str, str]:
        return {key: base64.b64decode(value).decode() for key, value in (self.get(name).get("data") or {}).items()}

    def copy(self, done: Cluster) -> None:
        """Take over what a run left behind: the vault, its password, the facts and the Secrets."""
        shutil.copytree(done.deployment.folder / "state", self.deployment.folder / "state")
        shutil.copy(done.deployment.vault, self.deployment.vault)
        shutil.copy(done.deployment.folder / "result.json", self.deployment.folder)
        items = json.loads(done.kubectl("get", "secrets", "-o", "json"))["items"]
        for item in items:
            item["metadata"] = {key: item["metadata"][key] for key in ("name", "labels", "annotations")}
        self.server.kubectl("create", "namespace", self.namespace)
        self.kubectl("create", "-f", "-", stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))

    def make_by_hand(self, name: str, **data: str) -> None:
        item = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": data}
        self.kubectl("apply", "-f", "-", stdin=json.dumps(item))


@pytest.fixture
def cluster(control_plane: ApiServer, deployment: Deployment, request: pytest.FixtureRequest) -> Iterator[Cluster]:
    """A namespace of the test's own, which does not exist yet."""
    deployment.canaries.add(CANARY)
    namespace = f"t-{abs(hash(request.node.name)) % 10**9}"
    yield Cluster(control_plane, deployment, namespace)
    control_plane.kubectl("delete", "namespace", namespace, "--ignore-not-found", "--wait=false")


@pytest.fixture(scope="module")
def done(control_plane: ApiServer, tmp_path_factory: pytest.TempPathFactory) -> Cluster:
    """A namespace of which nothing is asked but what the first run left in it."""
    made = Cluster(control_plane, Deployment(tmp_path_factory.mktemp("done")), "done")
    made.run()
    return made


@pytest.fixture
def deployed(cluster: Cluster, done: Cluster) -> Cluster:
    """A namespace of the test's own, as the first run leaves it."""
    cluster.copy(done)
    return cluster


Result = Callable[[], Any]


def test_from_nothing_to_nothing_to_do(cluster: Cluster, result: Result) -> None:
    check = cluster.run("--check")
    assert f"Secret {cluster.namespace}/app-secrets: DATABASE_URL added, JWT_SECRET added" in check.output
    assert f"Secret {cluster.namespace}/web-secrets: better-auth-secret added" in check.output
    with pytest.raises(KubectlError, match="not found"):
        cluster.get("app-secrets")

    first = cluster.run()
    assert first.changed == 4  # the vault, the namespace and two Secrets
    writing = first.output.partition("Write | Secret")[2].partition("TASK [Keep]")[0]
    assert "Pipelining is enabled" in writing
    assert "AnsiballZ" not in writing, "a module with values in its arguments was put into a file"
    values = cluster.deployment.values()
    assert cluster.data("app-secrets") == {
        "JWT_SECRET": values["vault_signing_key"],
        "DATABASE_URL": f"postgresql://todo:{values['vault_password']}@postgres:5432/todo",
    }
    assert cluster.data("web-secrets") == {"better-auth-secret": values["vault_signing_key"]}
    namespace = json.loads(cluster.server.kubectl("get", "namespace", cluster.namespace, "-o", "json"))
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    facts = result()
    assert facts.keys() == {"app-secrets", "web-secrets"}

    assert cluster.run().changed == 0
    assert result() == facts
    assert cluster.run("--check").changed == 0

    cluster.play("facts")
    cluster.deployment.password_file.unlink()
    assert cluster.run().changed == 0
    assert result() == facts, "facts alone need no password"


def test_exactly_what_was_edited_by_hand_is_repaired(deployed: Cluster, result: Result) -> None:
    before, facts = deployed.data("app-secrets"), result()
    deployed.kubectl(
        "patch", "secret", "app-secrets", "-p", json.dumps({"stringData": {"JWT_SECRET": CANARY, "X": CANARY}})
    )
    run = deployed.run()
    assert run.changed == 1
    assert f"Write | Secret {deployed.namespace}/app-secrets: JWT_SECRET changed, X removed" in run.output
    assert deployed.data("app-secrets") == before
    assert result() == facts
    deployed.kubectl("annotate", "secret", "web-secrets", "todo.platform/checksum-", "--overwrite")
    assert deployed.run().changed == 1
    assert deployed.run().changed == 0


def test_a_new_value_a_new_key_and_one_less(deployed: Cluster, result: Result) -> None:
    facts = result()
    deployed.describe(
        [{"name": "app-secrets", "data": {"DATABASE_URL": CANARY, "NEW": "{{ vault_password }}"}}, ITEMS[1]]
    )
    check = deployed.run("--check")
    assert check.changed == 1
    expected = "app-secrets: NEW added, DATABASE_URL changed, JWT_SECRET removed"
    assert expected in check.output
    run = deployed.run()
    assert run.changed == 1
    assert expected in run.output
    assert deployed.data("app-secrets").keys() == {"DATABASE_URL", "NEW"}
    assert result()["app-secrets"] != facts["app-secrets"]
    assert result()["web-secrets"] == facts["web-secrets"]


def test_a_secret_made_by_hand_is_adopted_and_left_behind(cluster: Cluster, result: Result) -> None:
    cluster.server.kubectl("create", "namespace", cluster.namespace)
    cluster.make_by_hand("mine", KEY="from somebody", MORE=CANARY)
    item = {"name": "mine", "data": {"KEY": "{{ vault_password }}"}}
    cluster.describe([item])
    assert "mine: adopted as it is" in cluster.run().output
    assert cluster.data("mine") == {"KEY": "from somebody", "MORE": CANARY}
    facts = result()
    assert cluster.run().changed == 0
    assert result() == facts
    cluster.make_by_hand("mine", KEY="from somebody", MORE="else")
    assert cluster.run().changed == 1
    assert result() != facts

    cluster.describe([item | {"adopt": False}])
    assert "was made by hand, and adopt: false forbids" in cluster.run(code=2).told
    cluster.describe([{"name": "mine", "data": {"KEY": "{{ vault_password }}", "OTHER": "{{ vault_password }}"}}])
    assert "was made by hand and lacks OTHER" in cluster.run(code=2).told
    assert cluster.data("mine") == {"KEY": "from somebody", "MORE": "else"}

    cluster.describe([item])
    cluster.play("absent")
    assert cluster.run().changed == 1
    assert cluster.data("mine") == {"KEY": "from somebody", "MORE": "else"}
    assert "todo.platform" not in json.dumps(cluster.get("mine")["metadata"].get("annotations", {}))

    cluster.play("main")
    cluster.describe([item | {"force": True}])
    assert "mine: KEY changed, MORE removed" in cluster.run().output
    assert cluster.data("mine") == {"KEY": cluster.deployment.values()["vault_password"]}


def test_values_that_must_be_equal(cluster: Cluster) -> None:
    cluster.describe(secrets_items=[ITEMS[0], {"name": "web-secrets", "data": {"better-auth-secret": CANARY}}])
    told = cluster.run(code=2).told
    assert f"JWT_SECRET of {cluster.namespace}/app-secrets and better-auth-secret of" in told
    assert "must be equal and are not" in told


def test_data_that_is_no_text(cluster: Cluster) -> None:
    cluster.describe([{"name": "app-secrets", "data": {"PORT": 5432, "ON": True, "bad key": CANARY}}])
    told = cluster.run(code=2).told
    for expected in ("PORT is not text: put it in quotes", "ON is not text", "the key bad key may hold only"):
        assert expected in told


def test_without_the_right_to_write(cluster: Cluster) -> None:
    """What the server refused is told, and what it was asked to write is not."""
    cluster.server.kubectl("create", "namespace", cluster.namespace)
    cluster.kubectl("create", "serviceaccount", "reader")
    cluster.kubectl("create", "role", "reader", "--verb=get", "--resource=secrets")
    cluster.kubectl("create", "rolebinding", "reader", "--role=reader", f"--serviceaccount={cluster.namespace}:reader")
    token = cluster.kubectl("create", "token", "reader").strip()
    kubeconfig = yaml.safe_load(cluster.server.kubeconfig.read_text())
    kubeconfig["users"][0]["user"] = {"token": token}
    limited = cluster.deployment.folder / "limited"
    limited.write_text(json.dumps(kubeconfig))
    limited.chmod(0o600)
    cluster.describe(cluster_facts=cluster.facts | {"kubeconfig": str(limited)})
    told = cluster.run(code=2).told
    assert f"Secret {cluster.namespace}/app-secrets could not be written (Forbidden)" in told
    assert "kubectl auth can-i update secrets" in told


def test_the_vault_alone_is_read_once(cluster: Cluster) -> None:
    """Early in a run, so that a wrong password is told before a cluster is made."""
    include = [{"name": "todo.platform.secrets", "tasks_from": entry} for entry in ("vault", "main")]
    cluster.deployment.play(*({"name": i["tasks_from"], "ansible.builtin.include_role": i} for i in include))
    run = cluster.run()
    assert run.changed == 4
    assert "tasks/vault.yml for localhost" not in run.output, "it was read again"
    cluster.deployment.password_file.write_text("no such password\n")
    assert "does not open the vault" in cluster.run(code=2).told


def test_without_a_cluster(cluster: Cluster, result: Result) -> None:
    nowhere = cluster.facts | {"kubeconfig": str(cluster.deployment.folder / "kubeconfig")}
    cluster.describe(cluster_facts=nowhere)
    check = cluster.run("--check")
    assert "app-secrets: DATABASE_URL added, JWT_SECRET added" in check.output
    assert result().keys() == {"app-secrets", "web-secrets"}
    assert "there is no kubeconfig at" in cluster.run(code=2).told
    cluster.play("facts")
    cluster.run("--check")
    assert result() == {"app-secrets": {"checksum": "unknown"}, "web-secrets": {"checksum": "unknown"}}
    cluster.play("absent")
    assert cluster.run().changed == 0


def test_facts_before_there_is_a_secret(cluster: Cluster) -> None:
    cluster.play("facts")
    told = cluster.run(code=2).told
    assert f"Secret {cluster.namespace}/web-secrets is not there yet: run the secrets stage first" in told


def test_absent_removes_what_is_ours(deployed: Cluster) -> None:
    deployed.make_by_hand("other", KEY="x")
    # A Secret of ours that the data names no more goes too.
    deployed.describe([ITEMS[0]])
    deployed.play("absent")
    assert deployed.run("--check").changed == 1
    assert deployed.data("app-secrets")
    assert deployed.run().changed == 1
    names = json.loads(deployed.kubectl("get", "secrets", "-o", "json"))["items"]
    assert [item["metadata"]["name"] for item in names] == ["other"]
    assert deployed.run().changed == 0


def test_checksums_are_equal_wherever_the_vault_is_shared(deployed: Cluster, result: Result) -> None:
    """A colleague with the same vault, another state folder and another deployed."""
    facts = result()
    state = deployed.deployment.password_file.parent
    password = deployed.deployment.password_file.read_text()
    shutil.rmtree(state)
    state.mkdir()
    deployed.deployment.password_file.write_text(password)
    deployed.describe(cluster_facts=deployed.facts | {"kubeconfig": str(state / "kubeconfig")})
    deployed.run("--check")
    assert result() == facts
