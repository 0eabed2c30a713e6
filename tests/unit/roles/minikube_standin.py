"""Stands in for minikube, and for kubectl on its cluster: records what it is asked, and answers as v1.38.1 really did.

The first argument is the program. What is asked goes to calls.jsonl in MINIKUBE_HOME; the file `running` there says
whether the node runs, and the file `broken` holds what `start` fails with.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

ADDRESS = "192.168.49.2"


def option(arguments: list[str], name: str, default: str = "") -> str:
    """The value of `--name value`."""
    return arguments[arguments.index(f"--{name}") + 1] if f"--{name}" in arguments else default


def home() -> Path:
    return Path(os.environ["MINIKUBE_HOME"])


def running() -> Path:
    return home() / "running"


def config_file(profile: str) -> Path:
    return home() / ".minikube" / "profiles" / profile / "config.json"


def config(profile: str, *, driver: str = "docker", address: str = ADDRESS, **more: Any) -> dict[str, Any]:
    """What Minikube keeps of a profile, as far as this project reads it."""
    kubernetes = {"KubernetesVersion": "v1.36.3", "ClusterName": profile, "ContainerRuntime": "docker", "CNI": ""}
    node = {
        "Name": "",
        "IP": address,
        "Port": 8443,
        "KubernetesVersion": "v1.36.3",
        "ControlPlane": True,
        "Worker": True,
    }
    return {
        "Name": profile,
        "EmbedCerts": True,
        "Memory": 4096,
        "CPUs": 2,
        "DiskSize": 20000,
        "Driver": driver,
        "KubernetesConfig": kubernetes,
        "Nodes": [node],
        "Addons": {"default-storageclass": True, "storage-provisioner": True},
        **more,
    }


def keep(held: dict[str, Any]) -> None:
    path = config_file(held["Name"])
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(held))


def start(profile: str, arguments: list[str]) -> int:
    print(f"* [{profile}] minikube v1.38.1 on Debian 12.11 (docker/amd64)")
    print(f'* Starting "{profile}" primary control-plane node in "{profile}" cluster')
    if (home() / "broken").is_file():
        keep(config(profile, address=""))
        print((home() / "broken").read_text())
        return 80
    if not config_file(profile).is_file():
        keep(config(profile, driver=option(arguments, "driver", "docker")))
    running().touch()
    context = {"name": profile, "context": {"cluster": profile, "user": profile}}
    Path(os.environ["KUBECONFIG"]).write_text(json.dumps({"contexts": [context], "current-context": profile}))
    print("* Verifying Kubernetes components...")
    print("* Enabled addons: storage-provisioner, default-storageclass")
    print(f'* Done! kubectl is now configured to use "{profile}" cluster and "default" namespace by default')
    return 0


def minikube(arguments: list[str]) -> int:
    profile = option(arguments, "profile")
    verbs = [word for word in arguments if not word.startswith("--") and word != profile]
    match verbs:
        case ["start", *_]:
            return start(profile, arguments)
        case ["status", *_]:
            print("Running" if running().exists() else "Stopped", end="")
            return 0 if running().exists() else 7
        case ["stop"]:
            running().unlink()
            print(f'* Stopping node "{profile}"  ...\n* 1 node stopped.')
        case ["delete"]:
            running().unlink(missing_ok=True)
            config_file(profile).unlink(missing_ok=True)
            print(f'* Removed all traces of the "{profile}" cluster.')
        case ["addons", "enable", addon]:
            held = json.loads(config_file(profile).read_text())
            held["Addons"][addon] = True
            keep(held)
            print(f"* {addon} is an addon maintained by Kubernetes. For any concerns contact minikube on GitHub.")
            print(f"* The '{addon}' addon is enabled")
        case ["image", "load", _]:
            pass
        case _:
            print(f"Error: unknown command {verbs}", file=sys.stderr)
            return 64
    return 0


def kubectl(arguments: list[str]) -> int:
    if not running().exists():
        print(f"Unable to connect to the server: dial tcp {ADDRESS}:8443: connect: no route to host", file=sys.stderr)
        return 1
    contexts = json.loads(Path(option(arguments, "kubeconfig")).read_text())["contexts"]
    if option(arguments, "context") not in [one["name"] for one in contexts]:
        print(f'error: context "{option(arguments, "context")}" does not exist', file=sys.stderr)
        return 1
    if "nodes" in arguments:
        status = {
            "addresses": [{"type": "InternalIP", "address": ADDRESS}],
            "conditions": [{"type": "Ready", "status": "True", "reason": "KubeletReady"}],
            "nodeInfo": {"kubeletVersion": "v1.36.3"},
        }
        print(json.dumps({"items": [{"metadata": {"name": "minikube"}, "status": status}]}))
    return 0


def main() -> int:
    program, *arguments = sys.argv[1:]
    if program == "kubectl":
        return kubectl([part for word in arguments for part in word.split("=", 1)])
    with (home() / "calls.jsonl").open("a") as calls:
        calls.write(json.dumps({"argv": arguments, "kubeconfig": os.environ.get("KUBECONFIG", "")}) + "\n")
    return minikube(arguments)


if __name__ == "__main__":
    sys.exit(main())
