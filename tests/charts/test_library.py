"""A chart of another application over the library, which knows nothing of todo lists."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from .charts import CHARTS, Release, Values, default_values, helm

TEMPLATES = (
    "deployment",
    "service",
    "configMap",
    "secret",
    "serviceAccount",
    "ingress",
    "networkPolicies",
    "migration",
)


@pytest.fixture
def chart(tmp_path: Path) -> Path:
    """A chart with two components, named `web` and `worker`, of one release."""
    folder = tmp_path / "clock"
    (folder / "templates").mkdir(parents=True)
    (folder / "charts").mkdir()
    (folder / "charts" / "component").symlink_to(CHARTS / "component")
    metadata = {"apiVersion": "v2", "name": "clock", "version": "1.2.3+build.4", "appVersion": "9"}
    (folder / "Chart.yaml").write_text(
        yaml.safe_dump({**metadata, "dependencies": [{"name": "component", "version": "*"}]})
    )
    defaults = default_values("todo-frontend") | {"config": {}, "image": {"repository": "clock", "tag": "1"}}
    component: Values = defaults | {"image": defaults["image"] | {"pullPolicy": "Always"}}
    components = {
        name: {**component, "fullnameOverride": name, "ingress": {"enabled": name == "web"}}
        for name in ("web", "worker")
    }
    (folder / "values.yaml").write_text(yaml.safe_dump(components))
    for name in components:
        data = f'(include "component.data" (dict "root" . "name" "{name}" "values" .Values.{name}) | fromYaml)'
        text = "\n---\n".join(f'{{{{- include "component.{template}" {data} }}}}' for template in TEMPLATES)
        (folder / "templates" / f"{name}.yaml").write_text(text)
    return folder


def render(chart: Path, *arguments: str) -> Release:
    output = helm("template", "tick", str(chart), "--namespace=here", *arguments)
    return Release(tuple(manifest for manifest in yaml.safe_load_all(output) if manifest))


def test_components_of_one_release_are_apart(chart: Path) -> None:
    rendered = render(chart)
    web, worker = rendered.all("Deployment")
    assert (web["metadata"]["name"], worker["metadata"]["name"]) == ("web", "worker")
    services = {service["metadata"]["name"]: service["spec"]["selector"] for service in rendered.all("Service")}
    for deployment in (web, worker):
        labels = deployment["spec"]["template"]["metadata"]["labels"]
        found = [name for name, selector in services.items() if selector.items() <= labels.items()]
        assert found == [deployment["metadata"]["name"]]
    assert web["metadata"]["labels"]["helm.sh/chart"] == "clock-1.2.3_build.4"
    assert rendered.one("Ingress")["metadata"]["name"] == "web"


def test_what_is_empty_makes_no_object(chart: Path) -> None:
    rendered = render(chart)
    assert {manifest["kind"] for manifest in rendered.manifests} == {
        "Deployment",
        "Service",
        "ServiceAccount",
        "Ingress",
    }
    for deployment in rendered.all("Deployment"):
        template = deployment["spec"]["template"]
        assert "annotations" not in template["metadata"]
        assert template["spec"]["containers"][0].keys().isdisjoint({"env", "envFrom"})


def test_one_config_map_serves_both(chart: Path) -> None:
    shared = [
        f"--set={name}.{key}={value}"
        for name in ("web", "worker")
        for key, value in {"config.ZONE": "UTC", "configName": "clock-config"}.items()
    ]
    rendered = render(chart, *shared)
    assert {manifest["metadata"]["name"] for manifest in rendered.all("ConfigMap")} == {"clock-config"}
    web, worker = (deployment["spec"]["template"] for deployment in rendered.all("Deployment"))
    assert web["metadata"]["annotations"] == worker["metadata"]["annotations"]
    for template in (web, worker):
        assert template["spec"]["containers"][0]["envFrom"] == [{"configMapRef": {"name": "clock-config"}}]
