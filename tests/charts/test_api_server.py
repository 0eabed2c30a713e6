"""What the charts render is held against a real API server with the restricted pod security standard enforced."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from .api_server import ApiServer, KubectlError
from .charts import APPLICATIONS, CHARTS, SYSTEMS, Manifest, Values, helm, render

# The namespace is a value of this chart.
PLACE: dict[str, Values] = {"todo-app": {"namespace": "here"}}
VALUES: dict[str, Values] = {
    "todo-backend": {
        "replicaCount": 2,
        "secretChecksum": "0" * 64,
        "service": {"type": "NodePort", "nodePort": 30080},
        "autoscaling": {"enabled": True},
        "image": {"pullSecrets": ["registry"], "digest": "sha256:" + "0" * 64},
        "secrets": {"DATABASE_URL": "postgresql://x", "BETTER_AUTH_SECRET": "y"},
        "networkPolicies": {
            "backend-allow-frontend": {
                "ingress": [{"from": [{"podSelector": {"matchLabels": {"app": "x"}}}], "ports": [{"port": 8000}]}]
            },
            "backend-deny": {"ingress": [], "egress": []},
        },
        "nodeSelector": {"disk": "ssd"},
        "tolerations": [{"key": "spot", "operator": "Exists", "effect": "NoSchedule"}],
        "affinity": {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": []}},
        "ingress": {"tls": [{"secretName": "todo-tls", "hosts": ["todo.local"]}]},
        "volumes": {"attachments": {"path": "/attachments", "size": "1Gi", "accessMode": "ReadWriteMany"}},
    },
    "todo-frontend": {
        "service": {"type": "LoadBalancer"},
        "replicaCount": 3,
        "livenessProbe": {"tcpSocket": None, "httpGet": {"path": "/api/health", "port": 3000}},
    },
    "todo-agent": {
        "replicaCount": 2,
        "secrets": {"OPENAI_API_KEY": "x"},
        "networkPolicies": {"agent-allow-backend": {"ingress": [{"ports": [{"port": 8000}]}]}},
    },
    "evolved-todo": {
        "autoscaling": {"backend": {"enabled": True}},
        "secrets": {"databaseUrl": "postgresql://x", "openaiApiKey": "", "betterAuthSecret": "y"},
    },
    "todo-app": {
        **PLACE["todo-app"],
        "ingress": {"enabled": True},
        "secrets": {"POSTGRES_PASSWORD": "x", "JWT_SECRET": "y"},
    },
    "postgres": {
        "persistence": {"size": "2Gi", "storageClass": "fast"},
        "settings": {"max_connections": "50"},
        "networkPolicies": {"postgres-closed": {"ingress": []}},
    },
}


@pytest.fixture(scope="module")
def server(control_plane: ApiServer) -> ApiServer:
    """The API server with a namespace `here` that is restricted and warns of pods that it would refuse later."""
    security = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "warn")}
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "here", "labels": security}}
    control_plane.kubectl("apply", "--filename=-", stdin=json.dumps(namespace))
    return control_plane


def validate(server: ApiServer, *manifests: Manifest) -> None:
    """Has the server check objects; unknown and duplicate fields are errors."""
    checked = ("apply", "--dry-run=server", "--validate=strict", "--filename=-")
    server.kubectl(*checked, stdin=json.dumps({"apiVersion": "v1", "kind": "List", "items": manifests}))


@pytest.mark.parametrize("chart", [*APPLICATIONS, *SYSTEMS])
@pytest.mark.parametrize("values", ["defaults", "everything"])
def test_the_server_takes_every_object(server: ApiServer, chart: str, values: str) -> None:
    validate(server, *render(chart, VALUES[chart] if values == "everything" else PLACE.get(chart, {})).manifests)


def test_the_server_would_say_what_is_not_restricted(server: ApiServer) -> None:
    deployment: dict[str, Any] = json.loads(json.dumps(render("todo-frontend").one("Deployment")))
    deployment["spec"]["template"]["spec"]["hostNetwork"] = True
    with pytest.raises(KubectlError, match='would violate PodSecurity "restricted'):
        validate(server, deployment)


def test_the_server_would_say_what_it_does_not_know(server: ApiServer) -> None:
    service = render("todo-frontend").one("Service")
    with pytest.raises(KubectlError, match="unknown field"):
        validate(server, {**service, "spec": {**service["spec"], "prot": 1}})


@pytest.mark.parametrize(
    ("deployed", "wanted", "jobs"),
    [(None, "0042", 1), ("0042", "0042", 0), ("0041", "0042", 1), ("0042", "", 1)],
)
def test_migration_is_left_out_when_the_schema_is_there(
    server: ApiServer, deployed: str | None, wanted: str, jobs: int
) -> None:
    namespace = f"migration-{deployed or 'none'}-{wanted or 'none'}"
    server.kubectl("create", "namespace", namespace)
    if deployed is not None:
        deployment = render("todo-backend", {"migration": {"revision": deployed}}).one("Deployment")
        deployment = {**deployment, "metadata": {**deployment["metadata"], "namespace": namespace}}
        server.kubectl("apply", "--filename=-", stdin=json.dumps(deployment))
    command = ("template", "todo-backend", str(CHARTS / "todo-backend"), "--dry-run=server", "--values=-")
    values = json.dumps({"migration": {"revision": wanted}})
    output = helm(*command, f"--namespace={namespace}", f"--kubeconfig={server.kubeconfig}", stdin=values)
    kinds = [manifest["kind"] for manifest in yaml.safe_load_all(output) if manifest]
    assert (kinds.count("Deployment"), kinds.count("Job")) == (1, jobs)


@pytest.mark.parametrize("chart", APPLICATIONS)
def test_bare_helm_installs_upgrades_and_removes(server: ApiServer, chart: str) -> None:
    where = (f"--namespace=bare-{chart}", f"--kubeconfig={server.kubeconfig}")
    # A hook would wait for a node to run on.
    install = ("upgrade", "--install", chart, str(CHARTS / chart), "--create-namespace", "--no-hooks", *where)
    kinds = "deployments,statefulsets,services,ingresses,configmaps,serviceaccounts"
    selector = f"--selector=app.kubernetes.io/instance={chart}"
    listing = ("get", kinds, f"--namespace=bare-{chart}", selector, "--output=name")
    helm(*install)
    helm(*install, "--set=resources.limits.cpu=600m")
    assert f"service/{chart}" in server.kubectl(*listing).split()
    helm("uninstall", chart, *where)
    assert server.kubectl(*listing).split() == []


DOCUMENTS = Path(__file__).parent / "documents"


@pytest.mark.parametrize(
    ("chart", "beforehand", "stages", "services"),
    [
        ("todo-app", ["secret"], ["values-dev", "values-prod"], ["backend-service", "frontend"]),
        ("evolved-todo", [], [], ["evolved-todo-backend", "evolved-todo-frontend"]),
    ],
)
def test_bare_helm_installs_what_the_documents_have(
    server: ApiServer, chart: str, beforehand: list[str], stages: list[str], services: list[str]
) -> None:
    where = (f"--namespace={chart}", f"--kubeconfig={server.kubeconfig}")
    files = {name: DOCUMENTS / chart / f"{name}.yaml" for name in ("values", *beforehand, *stages)}
    server.kubectl("create", "namespace", chart)
    for name in beforehand:
        server.kubectl("apply", f"--filename={files[name]}")
    # A hook would wait for a node to run on.
    install = ("upgrade", "--install", chart, str(CHARTS / chart), "--no-hooks", f"--values={files['values']}", *where)
    helm(*install)
    for stage in stages:
        helm(*install, f"--values={files[stage]}")
    found = server.kubectl("get", "services", f"--namespace={chart}", "--output=name").split()
    assert found == [f"service/{name}" for name in services]
