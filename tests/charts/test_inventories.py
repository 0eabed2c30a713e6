"""What each inventory would install, rendered from its own data, is right by the API server and by its document."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from .api_server import ApiServer
from .charts import Manifest, Release, Values, helm

ROOT = Path(__file__).resolve().parents[2]
INVENTORIES = sorted(path.name for path in (ROOT / "inventories").iterdir())
NODE_PORT = 30123
DIGEST = "sha256:" + "0" * 64
# What stages before the releases leave behind.
IMAGES = {
    name: {"repository": name, "tag": "0123456789abcdef", "id": DIGEST, "digests": {"migrations": "0"}}
    for name in ("todo-backend", "todo-frontend", "todo-agent", "postgres")
}
FACTS: Values = {
    "images_facts": IMAGES,
    "cluster_facts": {"node_ip": "10.254.254.1"},
    "preflight_facts": {"node_ports": {"frontend": NODE_PORT}},
}
Deployment = dict[str, Any]


def ask(inventory: str, expression: str, variables: Values) -> Any:
    """The value of an expression over an inventory's variables."""
    command = [str(Path(sys.executable).parent / "ansible"), "all", f"--inventory=inventories/{inventory}"]
    command += ["--module-name=ansible.builtin.debug", f"--args=msg={{{{ {expression} }}}}"]
    command += ["--extra-vars", json.dumps(variables)]
    environment = {**os.environ, "ANSIBLE_CALLBACK_RESULT_FORMAT": "json"}
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stdout + run.stderr
    return json.loads(run.stdout.partition("=>")[2])["msg"]


@cache
def deployment(inventory: str) -> Deployment:
    """An inventory's data, with a value for everything that is secret."""
    names = ask(inventory, "[secrets_vault_spec | map(attribute='name'), secrets_items | map(attribute='name')]", {})
    vault = {name: f"{name}-0123456789-0123456789" for name in names[0]}
    secrets = {"secrets_facts": {name: {"checksum": "0" * 64} for name in names[1]}}
    wanted = ("deployment_name", "deployment_namespace", "secrets_items", "release_releases", "application_origin")
    expression = ", ".join(f"'{name}': {name}" for name in wanted) + ", 'defaults': release_defaults | default({})"
    data = ask(inventory, f"{{{expression}}}", {**FACTS, **vault, **secrets})
    assert isinstance(data, dict)
    return data


@cache
def releases(inventory: str) -> dict[str, Release]:
    """Every release of an inventory, rendered."""
    data = deployment(inventory)
    common = json.dumps(data["defaults"].get("values", {}))
    folder = ROOT / ".pytest_cache"
    folder.mkdir(exist_ok=True)
    defaults = folder / f"defaults-{inventory}.json"
    defaults.write_text(common)
    rendered = {}
    for release in data["release_releases"]:
        command = ["template", release["name"], str(ROOT / release["chart"])]
        command += [f"--namespace={data['deployment_namespace']}", f"--values={defaults}", "--values=-"]
        output = helm(*command, stdin=json.dumps(release["values"]))
        rendered[release["name"]] = Release(tuple(one for one in yaml.safe_load_all(output) if one))
    return rendered


def objects(inventory: str, kind: str) -> dict[str, Manifest]:
    """All objects of a kind that an inventory installs, by name."""
    return {one["metadata"]["name"]: one for release in releases(inventory).values() for one in release.all(kind)}


def secrets(inventory: str) -> dict[str, dict[str, str]]:
    """The Secrets that the role makes."""
    return {item["name"]: item["data"] for item in deployment(inventory)["secrets_items"]}


@pytest.fixture(scope="module", params=INVENTORIES)
def inventory(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


def test_the_api_server_takes_every_object(inventory: str, control_plane: ApiServer) -> None:
    data = deployment(inventory)
    assert data["deployment_name"] == inventory
    namespace = data["deployment_namespace"]
    manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
    control_plane.kubectl("apply", "--server-side", "--filename=-", stdin=json.dumps(manifest))
    # Other tests may have installed objects of these names; whose fields they are does not matter here.
    taken = ("--server-side", "--force-conflicts", "--dry-run=server", "--validate=strict")
    for release in releases(inventory).values():
        items = {"apiVersion": "v1", "kind": "List", "items": release.manifests}
        control_plane.kubectl("apply", *taken, "--filename=-", stdin=json.dumps(items))


def test_every_secret_that_a_pod_reads_is_made(inventory: str) -> None:
    made = secrets(inventory)
    for release in releases(inventory).values():
        for _, template in release.pods():
            for entry in template["spec"]["containers"][0].get("env", []):
                if reference := entry.get("valueFrom", {}).get("secretKeyRef"):
                    assert reference["key"] in made[reference["name"]]


def test_pods_run_the_images_that_were_built(inventory: str) -> None:
    for release in releases(inventory).values():
        for _, template in release.pods():
            image = template["spec"]["containers"][0]["image"]
            by_what = f"@{DIGEST}" if inventory == "prod" else ":0123456789abcdef"
            assert image in {f"{name}{by_what}" for name in IMAGES}


def test_no_object_belongs_to_two_deployments() -> None:
    owners: dict[tuple[str, str, str], str] = {}
    for name in INVENTORIES:
        for release in releases(name).values():
            for one in release.manifests:
                key = (one["kind"], deployment(name)["deployment_namespace"], one["metadata"]["name"])
                assert owners.setdefault(key, name) == name


def test_taskflow_has_the_documented_keys() -> None:
    config = {name: one["data"] for name, one in objects("taskflow", "ConfigMap").items()}
    assert (
        config["taskflow-backend-config"].items()
        >= {
            "API_PREFIX": "/api/v1",
            "API_TITLE": "Todo API",
            "API_VERSION": "0.1.0",
            "ENVIRONMENT": "development",
            "DEBUG": "False",
            "JWT_ALGORITHM": "HS256",
            "JWT_EXPIRY": "86400",
            "PASSWORD_HASH_ALGORITHM": "bcrypt",
            "PASSWORD_HASH_ROUNDS": "12",
        }.items()
    )
    assert config["taskflow-frontend-config"] == {
        "NEXT_PUBLIC_API_URL": "http://taskflow-backend-service:8000",
        "NODE_ENV": "production",
    }
    backend, frontend = secrets("taskflow").values()
    assert set(backend) == {"DATABASE_URL", "BETTER_AUTH_SECRET", "ANTHROPIC_API_KEY", "CORS_ORIGINS"}
    assert set(frontend) == {"BETTER_AUTH_SECRET", "BETTER_AUTH_URL"}
    assert backend["BETTER_AUTH_SECRET"] == frontend["BETTER_AUTH_SECRET"]


@pytest.mark.parametrize(
    ("inventory", "service"), [("taskflow", "taskflow-frontend-service"), ("evolved-todo", "evolved-todo-frontend")]
)
def test_the_address_in_the_settings_is_the_nodeports(inventory: str, service: str) -> None:
    (port,) = objects(inventory, "Service")[service]["spec"]["ports"]
    assert (port["port"], port["nodePort"]) == (3000, NODE_PORT)
    assert deployment(inventory)["application_origin"] == f"http://10.254.254.1:{NODE_PORT}"
    if inventory == "taskflow":
        backend, frontend = secrets(inventory).values()
        assert backend["CORS_ORIGINS"] == frontend["BETTER_AUTH_URL"] == f"http://10.254.254.1:{NODE_PORT}"


def test_todo_cloud_native_is_its_charts_defaults() -> None:
    for name, deployed in objects("todo-cloud-native", "Deployment").items():
        command = ["template", name, str(ROOT / "app/charts" / name), "--namespace=default"]
        bare = Release(tuple(one for one in yaml.safe_load_all(helm(*command)) if one)).one("Deployment")
        ours, plain = (json.loads(json.dumps(one))["spec"]["template"] for one in (deployed, bare))
        for template in (ours, plain):
            template["metadata"].pop("annotations")
            template["spec"]["containers"][0].pop("image")
        assert ours == plain


def test_agent_todo_has_the_documented_containers() -> None:
    wanted = {
        "backend": {"DATABASE_URL", "SECRET_KEY", "OPENAI_API_KEY", "ENVIRONMENT"},
        "frontend": {"NEXT_PUBLIC_API_URL", "NEXT_PUBLIC_APP_NAME", "NODE_ENV"},
        "ai-agent": {"BACKEND_URL", "OPENAI_API_KEY", "AGENT_NAME", "MCP_SERVER_HOST"},
    }
    config = objects("agent-todo", "ConfigMap")
    for name, deployment in objects("agent-todo", "Deployment").items():
        (container,) = deployment["spec"]["template"]["spec"]["containers"]
        variables = {entry["name"] for entry in container.get("env", [])} | config[f"{name}-config"]["data"].keys()
        assert wanted.pop(name) <= variables
    assert wanted == {}


@pytest.mark.parametrize("inventory", ["taskflow", "evolved-todo", "todo-cloud-native", "agent-todo"])
def test_the_database_is_outside(inventory: str) -> None:
    name = inventory.replace("-", "_")
    (url,) = {value for data in secrets(inventory).values() for key, value in data.items() if "atabase" in key.lower()}
    assert url.startswith(f"postgresql://{name}:")
    assert url.endswith(f"@10.254.254.1:5432/{name}")
    assert objects(inventory, "StatefulSet") == {}


def test_production_makes_nothing_up_and_is_ready_for_many_nodes() -> None:
    spec = ask("prod", "secrets_vault_spec", {})
    assert [entry for entry in spec if entry.get("generate")] == []
    assert ask("prod", "[deployment_environment, cluster_provider, database_mode]", {}) == [
        "production",
        "existing",
        "external",
    ]
    names = {"todo-backend", "todo-frontend"}
    for kind in ("PodDisruptionBudget", "HorizontalPodAutoscaler", "NetworkPolicy"):
        assert objects("prod", kind).keys() == names
    for policy in objects("prod", "NetworkPolicy").values():
        assert policy["spec"]["policyTypes"] == ["Ingress", "Egress"]
    (ingress,) = objects("prod", "Ingress").values()
    assert [entry["hosts"] for entry in ingress["spec"]["tls"]] == [["todo.example.com"]]
