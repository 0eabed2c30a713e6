"""A namespace of its own on a real cluster, and the modules as Ansible would call them."""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ansible.plugins.loader  # noqa: F401  # its import machinery must exist before ours is asked
import pytest
from ansible.module_utils.testing import patch_module_args

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "collections"))

from ansible_collections.todo.platform.plugins.module_utils.kubectl import Kubectl, KubectlError  # noqa: E402
from ansible_collections.todo.platform.plugins.modules import release as release_module  # noqa: E402
from ansible_collections.todo.platform.plugins.modules import release_plan as plan_module  # noqa: E402

NAMESPACE = "t-release"
CANARY = "canary-93b1f0c7"


@dataclass
class Result:
    """What a module returned; `text` is all that it printed."""

    text: str
    data: dict[str, Any]

    def __getattr__(self, name: str) -> Any:
        return self.data[name]


@dataclass
class Lab:
    """The namespace, and one release `one` of the sample chart in it."""

    kubectl: Kubectl
    helm: str
    image: str
    state_dir: str

    def spec(self, **values: Any) -> dict[str, Any]:
        """The release with these values."""
        release: dict[str, Any] = {"name": "one", "chart": "charts/sample", "timeout": "60s"}
        for key in ("timeout", "atomic", "wait"):
            if key in values:
                release[key] = values.pop(key)
        return {**release, "values": {"image": self.image, "password": CANARY, **values}}

    def _call(self, module: Any, arguments: dict[str, Any]) -> Result:
        common = {
            "namespace": NAMESPACE,
            "root": str(Path(__file__).parent),
            "kubeconfig": self.kubectl.kubeconfig,
            "bin_dir": str(Path(self.helm).parent),
            "state_dir": self.state_dir,
        }
        said = io.StringIO()
        with patch_module_args({**common, **arguments}), contextlib.redirect_stdout(said), pytest.raises(SystemExit):
            module.main()
        data = json.loads(said.getvalue())
        # The arguments, which Ansible shows at -vvv, hold the values as they were given.
        data.pop("invocation", None)
        text = json.dumps(data)
        assert CANARY not in text
        return Result(text, data)

    def plan(self, release: dict[str, Any], check: bool = False) -> Result:
        """What release_plan says, with its diff."""
        result = self._call(plan_module, {"releases": [release], "_ansible_check_mode": check, "_ansible_diff": True})
        if "releases" in result.data:
            result.data |= result.data["releases"][0]
        return result

    def release(self, release: dict[str, Any]) -> Result:
        """What release did."""
        return self._call(release_module, {"release": release})

    @property
    def revision(self) -> int:
        """Helm's latest revision of the release."""
        secrets = self.kubectl.get_json("secrets", selector="owner=helm,name=one")
        return max(int(secret["metadata"]["labels"]["version"]) for secret in secrets)

    def get(self, kind: str, name: str) -> dict[str, Any]:
        """One live object."""
        return self.kubectl.get_json(kind, names=[name])[0]

    def pods(self) -> dict[str, str]:
        """The running pods of the Deployment, by uid."""
        pods = self.kubectl.get_json("pods", selector="app.kubernetes.io/instance=one")
        return {
            pod["metadata"]["uid"]: pod["status"]["phase"] for pod in pods if "deletionTimestamp" not in pod["metadata"]
        }

    def until(self, condition: Callable[[], object], seconds: float = 60) -> None:
        """Waits until the condition holds."""
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, f"not true within {seconds} s"
            time.sleep(0.3)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Kubectl]:
    """A fresh namespace on the cluster of this checkout (or of TODO_PLATFORM_TEST_KUBECONFIG)."""
    kubeconfig = os.environ.get("TODO_PLATFORM_TEST_KUBECONFIG", str(ROOT / ".state" / "kubeconfig"))
    kubectl = Kubectl(str(ROOT / ".state" / "bin" / "kubectl"), kubeconfig, namespace=NAMESPACE)
    try:
        kubectl.raw("/readyz")
    except KubectlError as error:
        pytest.fail(f"no cluster, make up brings one: {error}")
    kubectl.run("delete", "namespace", NAMESPACE, "--ignore-not-found", timeout=180)
    kubectl.run("create", "namespace", NAMESPACE)
    kubectl.run("label", "namespace", NAMESPACE, "pod-security.kubernetes.io/enforce=restricted")
    yield kubectl
    kubectl.run("delete", "namespace", NAMESPACE, timeout=180)


@pytest.fixture(scope="session")
def image(cluster: Kubectl) -> str:
    """An image with Python that the node holds."""
    nodes = cluster.get_json("nodes")
    names = [name for node in nodes for image in node["status"]["images"] for name in image["names"] or []]
    fitting: list[str] = [name for name in names if "python" in name and "@" not in name]
    assert fitting, f"no image with Python in the node: {names}"
    return fitting[0]


@pytest.fixture(scope="session")
def any_lab(cluster: Kubectl, image: str, tmp_path_factory: pytest.TempPathFactory) -> Lab:
    """The namespace as the test before left it."""
    state_dir = str(tmp_path_factory.mktemp("state"))
    return Lab(cluster, str(ROOT / ".state" / "bin" / "helm"), image, state_dir)


@pytest.fixture
def empty(any_lab: Lab) -> Lab:
    """The namespace with no release in it."""
    any_lab.release({"name": "one", "state": "absent"})
    return any_lab


@pytest.fixture
def lab(any_lab: Lab) -> Lab:
    """The namespace with the release as its plain values want it."""
    done = any_lab.release(any_lab.spec())
    assert not done.data.get("failed"), done.msg
    return any_lab
