"""What each inventory would install, rendered from its own data, is right by the API server and by its document."""

from __future__ import annotations

import json

import pytest
import yaml

from .api_server import ApiServer
from .charts import Release, helm
from .inventories import DIGEST, IMAGES, INVENTORIES, NODE_PORT, ROOT, ask, deployment, objects, releases, secrets


@pytest.fixture(scope="module", params=INVENTORIES)
def inventory(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.mark.parametrize("which", ["release_releases", "developed_releases"])
def test_the_api_server_takes_every_object(inventory: str, which: str, control_plane: ApiServer) -> None:
    data = deployment(inventory)
    assert data["deployment_name"] == inventory
    namespace = data["deployment_namespace"]
    manifest = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace}}
    control_plane.kubectl("apply", "--server-side", "--filename=-", stdin=json.dumps(manifest))
    # Other tests may have installed objects of these names; whose fields they are does not matter here.
    taken = ("--server-side", "--force-conflicts", "--dry-run=server", "--validate=strict")
    for release in releases(inventory, which).values():
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


def test_what_verbs_name_is_there(inventory: str) -> None:
    data = deployment(inventory)
    assert {*data["backup_workloads"], data["drill_full"]["workload"]} <= objects(inventory, "Deployment").keys()
    assert [step["path"] for step in data["drill_story"]["begin"]] == ["/bff/auth/signup", "/bff/auth/login"]


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
    for name, workload in objects("agent-todo", "Deployment").items():
        (container,) = workload["spec"]["template"]["spec"]["containers"]
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
    for kind in ("PodDisruptionBudget", "HorizontalPodAutoscaler"):
        assert objects("prod", kind).keys() == names
    pods = {template["metadata"]["labels"]["app"] for one in releases("prod").values() for _, template in one.pods()}
    policies = objects("prod", "NetworkPolicy").values()
    assert {one["spec"]["podSelector"]["matchLabels"]["app"] for one in policies} == pods
    for policy in objects("prod", "NetworkPolicy").values():
        assert policy["spec"]["policyTypes"] == ["Ingress", "Egress"]
    (ingress,) = objects("prod", "Ingress").values()
    assert [entry["hosts"] for entry in ingress["spec"]["tls"]] == [["todo.example.com"]]
