"""The charts' defaults are those of the documents that describe them, and their values install as written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from .charts import CHARTS, COMPONENTS, HelmError, Manifest, default_values, render

DOCUMENTS = Path(__file__).parent / "documents"
DOCUMENTED = ("todo-backend", "todo-frontend")


def load(path: str) -> dict[str, Any]:
    loaded = yaml.safe_load((DOCUMENTS / path).read_text())
    assert isinstance(loaded, dict)
    return loaded


def document(chart: str) -> dict[str, Any]:
    return load(f"todo-cloud-native/{chart}.yaml")


def missing(documented: dict[str, Any], ours: dict[str, Any], path: str = "") -> list[str]:
    """Documented keys that we lack or hold otherwise."""
    found = []
    for key, value in documented.items():
        here = f"{path}.{key}".lstrip(".")
        if isinstance(value, dict) and isinstance(ours.get(key), dict):
            found += missing(value, ours[key], here)
        elif key not in ours or ours[key] != value:
            found.append(here)
    return found


@pytest.mark.parametrize("chart", DOCUMENTED)
def test_documented_values_are_our_defaults(chart: str) -> None:
    assert missing(document(chart), default_values(chart)) == []


@pytest.mark.parametrize("chart", DOCUMENTED)
def test_the_documents_values_change_nothing(chart: str) -> None:
    assert render(chart, document(chart)) == render(chart)


@pytest.mark.parametrize("chart", COMPONENTS)
def test_chart_is_versioned_as_documented(chart: str) -> None:
    metadata = yaml.safe_load((CHARTS / chart / "Chart.yaml").read_text())
    assert (metadata["name"], metadata["version"], metadata["appVersion"]) == (chart, "0.1.0", "1.0.0")
    labels = render(chart).one("Deployment")["metadata"]["labels"]
    assert labels["helm.sh/chart"] == f"{chart}-0.1.0"
    assert labels["app.kubernetes.io/version"] == "1.0.0"


@pytest.mark.parametrize(
    ("chart", "templates"),
    [
        ("todo-backend", {"_helpers.tpl", "deployment.yaml", "service.yaml", "ingress.yaml", "secret.yaml"}),
        ("todo-frontend", {"_helpers.tpl", "deployment.yaml", "service.yaml", "ingress.yaml", "configmap.yaml"}),
    ],
)
def test_documented_templates_exist(chart: str, templates: set[str]) -> None:
    assert templates <= {path.name for path in (CHARTS / chart / "templates").iterdir()}


def test_backend_reads_the_documented_variables() -> None:
    container = render("todo-backend").container()
    sources = {entry["name"]: entry["valueFrom"]["secretKeyRef"] for entry in container["env"]}
    assert {name: (ref["name"], ref["key"]) for name, ref in sources.items()} == {
        name: ("todo-secrets", name) for name in ("DATABASE_URL", "BETTER_AUTH_SECRET", "OPENAI_API_KEY")
    }
    assert render("todo-backend").one("ConfigMap")["data"] == {
        "JWT_ALGORITHM": "HS256",
        "JWT_EXPIRE_DAYS": "7",
        "CORS_ORIGINS": "http://todo.local",
    }


@pytest.mark.parametrize(
    ("chart", "port", "paths"),
    [("todo-backend", 8000, ["/api/(.*)", "/health"]), ("todo-frontend", 3000, ["/(.*)"])],
)
def test_documented_routes(chart: str, port: int, paths: list[str]) -> None:
    ingress = render(chart).one("Ingress")
    (rule,) = ingress["spec"]["rules"]
    assert ingress["metadata"]["name"] == chart
    assert ingress["metadata"]["annotations"] == {"nginx.ingress.kubernetes.io/use-regex": "true"}
    assert (ingress["spec"]["ingressClassName"], rule["host"]) == ("nginx", "todo.local")
    assert [entry["path"] for entry in rule["http"]["paths"]] == paths
    for entry in rule["http"]["paths"]:
        assert entry["backend"]["service"] == {"name": chart, "port": {"number": port}}
        # An exact path loses against the frontend's expression, at Traefik.
        assert entry["pathType"] == "ImplementationSpecific"


# todo-app: one chart with values, values-dev and values-prod


def todo_app(stage: str = "") -> dict[str, list[Manifest]]:
    """The objects of todo-app by kind; a stage is a values file over the defaults."""
    release = render("todo-app", load(f"todo-app/values-{stage}.yaml") if stage else {})
    return {kind: release.all(kind) for kind in {manifest["kind"] for manifest in release.manifests}}


def names(manifests: list[Manifest]) -> list[str]:
    return [manifest["metadata"]["name"] for manifest in manifests]


def test_todo_app_has_the_documented_defaults_and_stages() -> None:
    assert missing(load("todo-app/values.yaml"), default_values("todo-app")) == []
    assert render("todo-app", load("todo-app/values.yaml")) == render("todo-app")
    for stage in ("dev", "prod"):
        name = f"values-{stage}.yaml"
        assert (CHARTS / "todo-app" / name).read_text() == (DOCUMENTS / "todo-app" / name).read_text()


def test_todo_app_has_the_documented_objects() -> None:
    objects = todo_app()
    for path in ("configmap", "frontend-hpa", "backend-allow-frontend", "backend-allow-database"):
        wanted = load(f"todo-app/{path}.yaml")
        (ours,) = [one for one in objects[wanted["kind"]] if one["metadata"]["name"] == wanted["metadata"]["name"]]
        if wanted["kind"] == "NetworkPolicy":
            # What the policy would cut off and must not is added behind the documented rule.
            for direction in {"ingress", "egress"} & wanted["spec"].keys():
                assert ours["spec"].pop(direction)[:1] == wanted["spec"].pop(direction)
        assert missing(wanted, ours) == []
    assert names(objects["Deployment"]) == ["backend", "frontend"]
    assert names(objects["Service"]) == ["backend-service", "frontend"]
    assert names(objects["HorizontalPodAutoscaler"]) == ["backend-hpa", "frontend-hpa"]
    assert "Ingress" not in objects


def test_todo_app_reads_the_documented_secret() -> None:
    secret = load("todo-app/secret.yaml")
    backend = todo_app()["Deployment"][0]["spec"]["template"]["spec"]["containers"][0]
    sources = {entry["name"]: entry["valueFrom"]["secretKeyRef"] for entry in backend["env"]}
    assert {(name, ref["name"], ref["key"]) for name, ref in sources.items()} == {
        (key, secret["metadata"]["name"], key) for key in secret["stringData"]
    }


def test_the_frontend_finds_the_backend_by_the_documented_variables() -> None:
    release = render("todo-app", {"config": {"API_HOST": "elsewhere", "API_PORT": "8080"}})
    config = {one["metadata"]["name"]: one["data"] for one in release.all("ConfigMap")}
    assert config["frontend-config"]["BACKEND_INTERNAL_URL"] == "http://elsewhere:8080"


def test_todo_app_in_development() -> None:
    objects = todo_app("dev")
    assert [one["spec"]["replicas"] for one in objects["Deployment"]] == [1, 1]
    assert objects["ConfigMap"][1]["data"]["SCHEDULER_ENABLED"] == "false"
    assert {"HorizontalPodAutoscaler", "PodDisruptionBudget", "Ingress"}.isdisjoint(objects)


def test_todo_app_in_production() -> None:
    objects = todo_app("prod")
    for scaler in objects["HorizontalPodAutoscaler"]:
        assert (scaler["spec"]["minReplicas"], scaler["spec"]["maxReplicas"]) == (3, 10)
        targets = {one["resource"]["name"]: one["resource"]["target"] for one in scaler["spec"]["metrics"]}
        assert targets["cpu"]["averageUtilization"] == 60
    assert ["replicas" in one["spec"] for one in objects["Deployment"]] == [False, False]
    (ingress,) = objects["Ingress"]
    assert ingress["spec"]["ingressClassName"] == "nginx"
    assert ingress["spec"]["tls"] == [{"secretName": "todo-tls", "hosts": ["todo.example.com"]}]
    (rule,) = ingress["spec"]["rules"]
    (path,) = rule["http"]["paths"]
    assert (rule["host"], path["path"], path["pathType"]) == ("todo.example.com", "/", "Prefix")
    assert path["backend"]["service"] == {"name": "frontend", "port": {"number": 3000}}
    # All pods together stay below what PostgreSQL takes, however many there are.
    assert objects["ConfigMap"][1]["data"]["MAX_REPLICAS"] == "11"


def test_a_components_replicas_beat_the_number_for_all() -> None:
    fixed: dict[str, Any] = {"autoscaling": {"enabled": False}}
    values = {"replicaCount": 4, "frontend": {"replicas": None, **fixed}, "backend": {"replicas": 3, **fixed}}
    deployments = render("todo-app", values).all("Deployment")
    assert [one["spec"]["replicas"] for one in deployments] == [3, 4]


def test_every_value_that_places_pods_does() -> None:
    placing: dict[str, Any] = {
        "nodeSelector": {"disk": "ssd"},
        "tolerations": [{"key": "spot", "operator": "Exists"}],
        "affinity": {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": []}},
    }
    image = {"pullPolicy": "Always", "pullSecrets": ["registry"]}
    release = render("todo-app", {**placing, "image": image, "namespace": "elsewhere"})
    for _, template in release.pods():
        pod = template["spec"]
        assert {key: pod[key] for key in placing} == placing
        assert pod["imagePullSecrets"] == [{"name": "registry"}]
        assert pod["containers"][0]["imagePullPolicy"] == "Always"
    assert {one["metadata"]["namespace"] for one in release.manifests} == {"elsewhere"}


def test_bare_helm_makes_the_databases_address_from_its_parts() -> None:
    database = {"host": "db", "port": 5433, "name": "todos", "user": "me"}
    secrets = {"POSTGRES_PASSWORD": "a b/c:d@e", "JWT_SECRET": "x"}
    release = render("todo-app", {"database": database, "secrets": secrets})
    for secret in release.all("Secret"):
        assert secret["stringData"] == {**secrets, "DATABASE_URL": "postgresql://me:a%20b%2Fc%3Ad%40e@db:5433/todos"}
    policies = {one["metadata"]["name"]: one["spec"] for one in release.all("NetworkPolicy")}
    beside = policies["backend-allow-database"]["egress"][1]
    assert beside == {
        "to": [{"podSelector": {"matchLabels": {"app": "db"}}}],
        "ports": [{"protocol": "TCP", "port": 5433}],
    }
    assert render("todo-app", {"networkPolicies": {"enabled": False}}).all("NetworkPolicy") == []


# evolved-todo: one chart with two components


def test_evolved_todo_takes_the_documented_schema() -> None:
    values = load("evolved-todo/values.yaml")
    assert missing(values, {**default_values("evolved-todo"), **values}) == []
    release = render("evolved-todo", values)
    backend, frontend = release.all("Deployment")
    assert backend["spec"]["replicas"] == 3
    assert "replicas" not in frontend["spec"]
    for deployment, name in ((backend, "backend"), (frontend, "frontend")):
        (container,) = deployment["spec"]["template"]["spec"]["containers"]
        image = values["image"][name]
        assert container["image"] == f"{image['repository']}:{image['tag']}"
        assert container["imagePullPolicy"] == image["pullPolicy"]
        assert container["resources"] == values["resources"][name]
    scaler = release.one("HorizontalPodAutoscaler")["spec"]
    assert (scaler["scaleTargetRef"]["name"], scaler["minReplicas"], scaler["maxReplicas"]) == (
        "evolved-todo-frontend",
        2,
        4,
    )
    inside, outside = (one["spec"] for one in release.all("Service"))
    assert (inside["type"], inside["ports"][0]["port"]) == ("ClusterIP", 8000)
    assert (outside["type"], outside["ports"][0]["nodePort"]) == ("NodePort", 30333)
    with pytest.raises(HelmError, match="/service/backend/type"):
        render("evolved-todo", {"service": {"backend": {"type": "NodePort"}}})


def test_evolved_todo_has_the_documented_objects() -> None:
    values = load("evolved-todo/values.yaml")
    release = render("evolved-todo", {"secrets": values["secrets"]})
    config = {one["metadata"]["name"]: one["data"] for one in release.all("ConfigMap")}
    wanted = load("evolved-todo/configmap.yaml")
    assert missing(wanted["data"], config[wanted["metadata"]["name"]]) == []
    secret = load("evolved-todo/secret.yaml")
    (ours,) = [one for one in release.all("Secret") if one["metadata"]["name"] == secret["metadata"]["name"]]
    assert (ours["type"], ours["stringData"]) == (secret["type"], secret["stringData"])
    assert render("evolved-todo").all("Secret") == []


def test_evolved_todo_reads_keys_that_are_no_names_of_variables() -> None:
    (container,) = render("evolved-todo").all("Deployment")[0]["spec"]["template"]["spec"]["containers"]
    sources = {entry["name"]: entry["valueFrom"]["secretKeyRef"]["key"] for entry in container["env"]}
    assert sources == {
        "DATABASE_URL": "database-url",
        "OPENAI_API_KEY": "openai-api-key",
        "BETTER_AUTH_SECRET": "better-auth-secret",
    }
    assert container["envFrom"] == [{"configMapRef": {"name": "evolved-todo-config"}}]
    assert container["readinessProbe"]["httpGet"] == {"path": "/health", "port": 8000}


def test_evolved_todo_is_without_state_and_replaced_without_a_gap() -> None:
    release = render("evolved-todo")
    for deployment in release.all("Deployment"):
        spec = deployment["spec"]
        assert spec["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
        assert [volume.keys() - {"name"} for volume in spec["template"]["spec"]["volumes"]] == [{"emptyDir"}] * len(
            spec["template"]["spec"]["volumes"]
        )
    assert release.one("PodDisruptionBudget")["metadata"]["name"] == "evolved-todo-backend"


def test_the_agent_is_given_what_its_document_names() -> None:
    rendered = render("todo-agent")
    (key, *_) = (variable for variable in rendered.container()["env"] if variable["name"] == "OPENAI_API_KEY")
    assert key["valueFrom"]["secretKeyRef"] == {"name": "todo-secrets", "key": "OPENAI_API_KEY", "optional": True}
    assert rendered.one("ConfigMap")["data"].keys() == {"BACKEND_URL", "AGENT_NAME", "MCP_SERVER_HOST"}
