"""The schemas are strict: what is not a value of the chart is an error and not silence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from .charts import APPLICATIONS, COMPONENTS, SYSTEMS, HelmError, Values, default_values, render, schema

TYPO = "typpo"
CHARTS_WITH_SCHEMA = (*APPLICATIONS, *SYSTEMS, "component")


def nested(path: tuple[str, ...], value: Any) -> Values:
    """Values that hold one value below a path."""
    for key in reversed(path):
        value = {key: value}
    assert isinstance(value, dict)
    return value


def resolve(node: Any, root: Values) -> Any:
    while isinstance(node, dict) and "$ref" in node:
        node = root["definitions"][node["$ref"].removeprefix("#/definitions/")]
    return node


def closed_mappings(chart: str) -> Iterator[tuple[str, ...]]:
    """Paths of the mappings in a chart's defaults that have a fixed set of keys."""
    root = schema(chart)

    def walk(node: Any, value: Any, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        node = resolve(node, root)
        if isinstance(value, dict) and "properties" in node:
            yield path
            for key, below in value.items():
                yield from walk(node["properties"][key], below, (*path, key))

    yield from walk(root, default_values(chart), ())


def schema_nodes(chart: str) -> Iterator[tuple[str, Values]]:
    """Every node of a schema with its place."""

    def walk(node: Any, place: str) -> Iterator[tuple[str, Values]]:
        if isinstance(node, dict):
            yield place, node
            for key, below in node.items():
                yield from walk(below, f"{place}/{key}")
        elif isinstance(node, list):
            for index, below in enumerate(node):
                yield from walk(below, f"{place}/{index}")

    yield from walk(schema(chart), "#")


MAPPINGS = [(chart, path) for chart in (*APPLICATIONS, *SYSTEMS) for path in closed_mappings(chart)]


@pytest.mark.parametrize(("chart", "path"), MAPPINGS, ids=[f"{c}:{'.'.join(p) or 'top'}" for c, p in MAPPINGS])
def test_a_typo_is_an_error(chart: str, path: tuple[str, ...]) -> None:
    with pytest.raises(HelmError, match=f"additional properties '{TYPO}' not allowed"):
        render(chart, nested((*path, TYPO), "x"))


@pytest.mark.parametrize("chart", CHARTS_WITH_SCHEMA)
def test_every_mapping_says_what_it_takes(chart: str) -> None:
    # What Kubernetes defines in depth is left to the API server, which refuses unknown fields itself.
    left_to_kubernetes = {"nodeAffinity", "podAffinity", "podAntiAffinity"}
    for place, node in schema_nodes(chart):
        if "object" in (node.get("type"), *node.get("type", ())) and place.rsplit("/", 1)[-1] not in left_to_kubernetes:
            assert "additionalProperties" in node, place
            assert node["additionalProperties"] is not True, place


@pytest.mark.parametrize("chart", CHARTS_WITH_SCHEMA)
def test_every_value_is_described(chart: str) -> None:
    root = schema(chart)
    for place, node in schema_nodes(chart):
        for key, value in node.get("properties", {}).items() if "type" in node else ():
            assert "description" in value or "description" in resolve(value, root), f"{place}: {key}"


@pytest.mark.parametrize(("one", "other"), [(chart, "todo-backend") for chart in ("postgres", *SYSTEMS)])
def test_definitions_of_one_name_are_the_same(one: str, other: str) -> None:
    first, second = schema(one)["definitions"], schema(other)["definitions"]
    shared = first.keys() & second.keys()
    assert {name: first[name] for name in shared} == {name: second[name] for name in shared}


REFUSED: list[tuple[Values, str]] = [
    ({"replicaCount": "two"}, "/replicaCount"),
    ({"replicaCount": -1}, "/replicaCount"),
    ({"image": {"pullPolicy": "Sometimes"}}, "/image/pullPolicy"),
    ({"image": {"digest": "sha256:short"}}, "/image/digest"),
    ({"service": {"type": "NodePort", "nodePort": 80}}, "/service/nodePort"),
    ({"service": {"name": "Not_DNS"}}, "/service/name"),
    ({"service": {"port": 70000}}, "/service/port"),
    ({"runAsUser": 0}, "/runAsUser"),
    ({"config": {"PORT": 8000}}, "/config/PORT"),
    ({"config": {"not a variable": "x"}}, "/config"),
    ({"secretEnv": {"A-B": "x"}}, "/secretEnv"),
    ({"secretEnv": {"A": "no spaces here"}}, "/secretEnv/A"),
    ({"secretChecksum": "not a hash"}, "/secretChecksum"),
    ({"livenessProbe": {"periodSecond": 1}}, "/livenessProbe"),
    ({"resources": {"limits": {"mem": "1Gi"}}}, "/resources/limits"),
    ({"ingress": {"hosts": [{"host": "a.example", "path": []}]}}, "/ingress/hosts/0"),
    (
        {"ingress": {"hosts": [{"host": "a.example", "paths": [{"path": "x", "pathType": "Exact"}]}]}},
        "/ingress/hosts/0",
    ),
    ({"networkPolicies": {"deny": {}}}, "/networkPolicies/deny"),
    ({"networkPolicies": {"deny": {"ingres": []}}}, "/networkPolicies/deny"),
    ({"volumes": {"attachments": {"path": "/attachments"}}}, "/volumes/attachments"),
    ({"volumes": {"attachments": {"path": "relative", "size": "1Gi"}}}, "/volumes/attachments/path"),
    ({"volumes": {"attachments": {"path": "/x", "size": "plenty"}}}, "/volumes/attachments/size"),
    ({"volumes": {"Not_DNS": {"path": "/x", "size": "1Gi"}}}, "/volumes"),
    ({"tolerations": [{"keys": "x"}]}, "/tolerations/0"),
    ({"migration": {"enabled": True, "command": []}}, "/migration"),
    ({"component": {"anything": 1}}, "component"),
]


@pytest.mark.parametrize("chart", COMPONENTS)
@pytest.mark.parametrize(("values", "place"), REFUSED, ids=[str(values) for values, _ in REFUSED])
def test_a_wrong_value_is_named(chart: str, values: Values, place: str) -> None:
    with pytest.raises(HelmError, match=place):
        render(chart, values)
