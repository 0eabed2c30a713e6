"""The charts' defaults are those of the document that describes them, and its values install as written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from .charts import CHARTS, COMPONENTS, default_values, render

DOCUMENT = Path(__file__).parent / "documents" / "todo-cloud-native"


def document(chart: str) -> dict[str, Any]:
    loaded = yaml.safe_load((DOCUMENT / f"{chart}.yaml").read_text())
    assert isinstance(loaded, dict)
    return loaded


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


@pytest.mark.parametrize("chart", COMPONENTS)
def test_documented_values_are_our_defaults(chart: str) -> None:
    assert missing(document(chart), default_values(chart)) == []


@pytest.mark.parametrize("chart", COMPONENTS)
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
