"""Pods of the embedded node beside a Docker engine, which drops what is forwarded and not for its own containers."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
NAMESPACE = "t-network"
OUTSIDE = "198.51.100.2"
PROBE = f"""
import socket, time
def reach(name, port):
    end = time.monotonic() + 20
    while True:
        try:
            return socket.create_connection((name, port), timeout=3).close()
        except OSError:
            if time.monotonic() > end:
                raise
socket.getaddrinfo("kubernetes.default.svc.cluster.local", 443)
reach("kubernetes.default", 443)
reach("server", 8080)
reach("{OUTSIDE}", 8080)
print("all answer")
"""


def call(*argv: str, text: str | None = None) -> str:
    done = subprocess.run(argv, capture_output=True, text=True, input=text, check=False)
    assert done.returncode == 0, f"{argv}: {done.stderr}"
    return done.stdout


def kubectl(*arguments: str, text: str | None = None) -> str:
    kubeconfig = os.environ.get("TODO_PLATFORM_TEST_KUBECONFIG", str(ROOT / ".state" / "kubeconfig"))
    return call(str(ROOT / ".state" / "bin" / "kubectl"), f"--kubeconfig={kubeconfig}", *arguments, text=text)


def pod(name: str, image: str, *command: str) -> str:
    container = {"name": name, "image": image, "imagePullPolicy": "Never", "command": ["python3", *command]}
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name, "namespace": NAMESPACE, "labels": {"app": name}},
            "spec": {"containers": [container], "restartPolicy": "Never", "terminationGracePeriodSeconds": 0},
        }
    )


@pytest.fixture
def image() -> Iterator[str]:
    """An image with Python that the node holds, and a namespace to run it in."""
    nodes = json.loads(kubectl("get", "nodes", "--output=json"))["items"]
    names = [name for node in nodes for one in node["status"]["images"] for name in one.get("names") or []]
    kubectl("create", "namespace", NAMESPACE)
    yield next(name for name in names if "python" in name and "@" not in name)
    kubectl("delete", "namespace", NAMESPACE)


@contextmanager
def dropped() -> Iterator[None]:
    """Drop what nothing accepts, as Docker does at its start."""
    policy = call("iptables", "--list-rules", "FORWARD").split()[2]
    call("iptables", "--policy", "FORWARD", "DROP")
    try:
        yield
    finally:
        call("iptables", "--policy", "FORWARD", policy)


@pytest.fixture
def outside() -> Iterator[None]:
    """A host beyond this machine, in a network namespace, that listens."""
    call("ip", "netns", "add", "t-outside")
    listening = ["ip", "netns", "exec", "t-outside", "python3", "-m", "http.server", "8080"]
    try:
        call("ip", "link", "add", "t-inner", "type", "veth", "peer", "name", "t-outer", "netns", "t-outside")
        call("ip", "address", "add", "198.51.100.1/30", "dev", "t-inner")
        call("ip", "link", "set", "t-inner", "up")
        call("ip", "-n", "t-outside", "address", "add", f"{OUTSIDE}/30", "dev", "t-outer")
        call("ip", "-n", "t-outside", "link", "set", "t-outer", "up")
        with subprocess.Popen(listening, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
            yield
            server.terminate()
    finally:
        call("ip", "netns", "delete", "t-outside")


def test_pods_keep_their_network_beside_docker(image: str, outside: None) -> None:
    with dropped():
        kubectl("apply", "--filename=-", text=pod("server", image, "-m", "http.server", "8080"))
        kubectl("expose", "pod", "server", f"--namespace={NAMESPACE}", "--port=8080")
        kubectl("apply", "--filename=-", text=pod("client", image, "-c", PROBE))
        end = time.monotonic() + 90
        phase = "Pending"
        while phase in ("Pending", "Running"):
            assert time.monotonic() < end, phase
            time.sleep(0.5)
            phase = kubectl("get", "pod", "client", f"--namespace={NAMESPACE}", "--output=jsonpath={.status.phase}")
        told = kubectl("logs", "client", f"--namespace={NAMESPACE}")
    assert (phase, told) == ("Succeeded", "all answer\n")
