"""Edited by hand: the next run reports and repairs exactly the object that was edited."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Callable

import pytest

from tests.product.platform import STATE, TINY, kubectl, play, told
from tests.product.tiny.tiny import ask, extra, greets, run, with_values

pytestmark = pytest.mark.usefixtures("autoscaled")
BY_HAND = "made-by-hand-made-by-hand"


@pytest.fixture(scope="module")
def autoscaled(tiny: object, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The application with an autoscaler too, so that it has one object of each kind."""
    folder = tmp_path_factory.mktemp("autoscaled")
    variables = with_values(autoscaling=True)
    up = run(folder, **variables)
    assert up.code == 0, up.output[-4000:]
    return extra(folder, variables)


def patch(kind: str, change: dict[str, object]) -> None:
    kubectl("patch", kind, "tiny", "--patch", json.dumps(change), namespace="tiny")


def edit_deployment() -> None:
    kubectl("set", "env", "deployment/tiny", "HAND_MADE=yes", namespace="tiny")


def edit_service() -> None:
    patch("service", {"metadata": {"labels": {"hand": "made"}}})


def delete_service() -> None:
    kubectl("delete", "service", "tiny", namespace="tiny")


def edit_configmap() -> None:
    patch("configmap", {"data": {"GREETING": BY_HAND}})


def edit_secret() -> None:
    patch("secret", {"data": {"PASSWORD": base64.b64encode(BY_HAND.encode()).decode()}})


def edit_ingress() -> None:
    patch("ingress", {"spec": {"rules": [{"host": "other.localhost"}]}})


def edit_autoscaler() -> None:
    patch("horizontalpodautoscaler", {"spec": {"maxReplicas": 9}})


def edit_network_policy() -> None:
    patch("networkpolicy", {"spec": {"ingress": []}})


def images() -> dict[str, str]:
    """Name → digest of the node's images."""
    listed = subprocess.run([*CTR, "ls"], check=True, capture_output=True, text=True).stdout
    return {line.split()[0]: line.split()[2] for line in listed.splitlines()[1:]}


CTR = [str(STATE / "bin/ctr"), "--address=/run/todo-platform/containerd.sock", "--namespace=k8s.io", "images"]


@pytest.mark.parametrize(
    ("edit", "named"),
    [
        (edit_deployment, 'Deployment/tiny: spec.template.spec.containers[tiny].env was added ([{"name":"HAND_MADE"'),
        (edit_service, "Service/tiny: metadata.labels.hand was added (made)"),
        (delete_service, "Service/tiny is gone"),
        (edit_configmap, "ConfigMap/tiny: data.GREETING is made-by-hand-made-by-hand instead of hello"),
        (edit_secret, "Secret tiny/tiny: PASSWORD"),
        (edit_ingress, "Ingress/tiny: spec.rules"),
        (edit_autoscaler, "HorizontalPodAutoscaler/tiny: spec.maxReplicas is 9 instead of 2"),
        (edit_network_policy, "NetworkPolicy/tiny: spec.ingress"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_an_object(autoscaled: list[str], edit: Callable[[], None], named: str) -> None:
    edit()
    repair = play(*autoscaled, "--diff", "--tags", "images,secrets,release", inventory=TINY)
    assert (repair.code, repair.changed) == (0, 1), repair.output[-4000:]
    assert named in " ".join(repair.output.split())
    if edit is edit_secret:
        assert BY_HAND not in repair.output


def test_scaling_by_hand_is_refused(autoscaled: list[str]) -> None:
    refused = ask("scale", "-e", "component=tiny", "-e", "scale_replicas=2")
    told(refused, "tiny was not scaled: the autoscaler tiny sets its replicas")


def test_an_image_in_the_node(autoscaled: list[str]) -> None:
    """Another image is put under the tag that the pods name."""
    container = json.loads(kubectl("get", "deployment", "tiny", "-o", "json", namespace="tiny"))["spec"]["template"]
    name = f"docker.io/library/{container['spec']['containers'][0]['image']}"
    right, other = images()[name], images()["docker.io/library/python:trixie"]
    subprocess.run([*CTR, "tag", "--force", "docker.io/library/python:trixie", name], check=True, capture_output=True)
    assert images()[name] == other
    repair = play(*autoscaled, "--tags", "images,secrets,release", inventory=TINY)
    assert (repair.code, repair.changed) == (0, 1), repair.output[-4000:]
    assert "the store holds another image under this tag" in repair.output
    assert images()[name] == right


def test_after_all_that_a_run_changes_nothing(autoscaled: list[str]) -> None:
    again = play(*autoscaled, inventory=TINY)
    assert (again.code, again.changed) == (0, 0), again.output[-4000:]
    assert greets("hello")
