from __future__ import annotations

import pytest
from ansible_collections.todo.platform.plugins.modules import cluster_facts


@pytest.mark.parametrize(
    ("provider", "runtimes", "store"),
    [
        pytest.param("kubeadm", ["containerd://2.3.4"], "containerd", id="embedded"),
        pytest.param("minikube", ["docker://28.1.1"], "minikube", id="minikube"),
        pytest.param("existing", ["docker://28.1.1"], "docker", id="shares this machine's engine"),
        pytest.param("existing", ["docker://28.1.1", "containerd://2.3.4"], "registry", id="not on every node"),
        pytest.param("existing", ["containerd://2.3.4"], "registry", id="elsewhere"),
        pytest.param("existing", [], "registry", id="away"),
    ],
)
def test_where_nodes_take_images_from(provider: str, runtimes: list[str], store: str) -> None:
    assert cluster_facts._node_store(provider, [{"runtime": runtime} for runtime in runtimes]) == store
