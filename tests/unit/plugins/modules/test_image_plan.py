"""The plan of a deployment's images, as Ansible asks for it."""

from __future__ import annotations

import contextlib
import io
import json
import socket
import sys
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from ansible.module_utils.testing import patch_module_args
from ansible_collections.todo.platform.plugins.modules import image_plan

from tests.unit.standins import serving


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")


def ask(root: Path, **more: Any) -> dict[str, Any]:
    """Run the module on an application over a base and return its answer."""
    for name in ("base", "app"):
        (root / name).mkdir(exist_ok=True)
        (root / name / "Dockerfile").write_text(f"FROM {name}\n")
    common = {"context": "base", "dockerfile": "base/Dockerfile"}
    arguments = {
        "components": [
            {"name": "base", "image": "debian:12", **common},
            {"name": "app", "context": "app", "dockerfile": "app/Dockerfile", "bases": {"BASE": "base"}},
        ],
        "root": str(root),
        "store": "none",
        "record": str(root / "record.json"),
        **more,
    }
    printed = io.StringIO()
    with patch_module_args(arguments), contextlib.redirect_stdout(printed), pytest.raises(SystemExit):
        image_plan.main()
    answer: dict[str, Any] = json.loads(printed.getvalue())
    return answer


def actions(answer: dict[str, Any]) -> dict[str, str]:
    return {plan["name"]: plan["action"] for plan in answer["plans"]}


class Registry:
    """A registry without a log-in: path → digest."""

    def __init__(self) -> None:
        self.held: dict[str, str] = {}

    @property
    def handler(self) -> type[BaseHTTPRequestHandler]:
        held = self.held

        class Handler(BaseHTTPRequestHandler):
            def do_HEAD(self) -> None:
                digest = held.get(self.path, "")
                self.send_response(HTTPStatus.OK if digest else HTTPStatus.NOT_FOUND)
                self.send_header("Docker-Content-Digest", digest)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler

    def push(self, answer: dict[str, Any], digest: str) -> None:
        """Hold all that was to be built, under every name that it has."""
        for plan in answer["plans"]:
            if plan["action"] != "upstream":
                for name in [plan["reference"], *plan["aliases"]]:
                    _, path, tag = name.replace(":", "/").rsplit("/", 2)
                    self.held[f"/v2/team/{path}/manifests/{tag}"] = digest


def test_a_registry_is_asked_by_digest(tmp_path: Path) -> None:
    registry = Registry()
    with serving(registry.handler) as url:
        there = {"store": "registry", "registry": f"{urlsplit(url).netloc}/team", "reachable": False}
        first = ask(tmp_path, **there)
        assert actions(first) == {"base": "build", "app": "build"}
        registry.push(first, "sha256:1")
        assert actions(ask(tmp_path, **there, record_built=True)) == {"base": "none", "app": "none"}
        assert actions(ask(tmp_path, **there)) == {"base": "none", "app": "none"}
        replaced = first["facts"]["app"]["reference"].rpartition(":")[2]
        registry.held[f"/v2/team/app/manifests/{replaced}"] = "sha256:2"
        again = ask(tmp_path, **there)
    assert actions(again) == {"base": "none", "app": "build"}
    assert again["plans"][1]["reason"] == "the store holds another image under this tag"


def test_a_registry_that_is_away_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        away = f"127.0.0.1:{closed.getsockname()[1]}"
    answer = ask(tmp_path, store="registry", registry=away)
    assert answer["failed"]
    assert f"the registry {away} does not answer" in answer["msg"]


def test_nodes_elsewhere_need_a_registry(tmp_path: Path) -> None:
    answer = ask(tmp_path, store="registry")
    assert answer["failed"]
    assert "set images_registry" in answer["msg"]


@pytest.mark.parametrize("at_first", [True, False], ids=["with upstream", "without"])
def test_a_network_that_comes_or_goes_renames_no_image(tmp_path: Path, at_first: bool) -> None:
    registry = Registry()
    with serving(registry.handler) as url:
        there = {"store": "registry", "registry": f"{urlsplit(url).netloc}/team"}
        first = ask(tmp_path, **there, reachable=at_first)
        assert ask(tmp_path, **there, reachable=not at_first)["facts"] != first["facts"], "nothing was built yet"
        registry.push(first, "sha256:1")
        built = ask(tmp_path, **there, reachable=at_first, record_built=True)
        later = ask(tmp_path, **there, reachable=not at_first)
        assert later["facts"] == built["facts"]
        assert later["upstream"] == at_first
        told = ask(tmp_path, **there, reachable=at_first, upstream="never" if at_first else "always")
    assert told["upstream"] != at_first


CTR = """#!{python}
import json, sys
held = {{"sha256:index": {{"manifests": [{{"digest": "sha256:manifest"}}, {{"digest": "sha256:attestation"}}]}},
        "sha256:manifest": {{"config": {{"digest": "sha256:config"}}}}}}
if sys.argv[-1] == "ls":
    print("REF TYPE DIGEST")
    print("{name} index", open("{folder}/digest").read())
elif sys.argv[-1] in held:
    print(json.dumps(held[sys.argv[-1]]))
else:
    sys.exit("not found")
"""


def test_what_a_node_may_call_the_image_is_told_and_remembered(tmp_path: Path) -> None:
    digest, ctr = tmp_path / "digest", tmp_path / "ctr"
    [_, app] = ask(tmp_path, reachable=False)["plans"]
    name = f"docker.io/library/{app['reference']}"
    ctr.write_text(CTR.format(python=sys.executable, folder=tmp_path, name=name))
    ctr.chmod(0o755)
    digest.write_text("sha256:index")
    store = {"store": "containerd", "ctr": str(ctr), "address": str(tmp_path), "reachable": False}
    assert ask(tmp_path, **store)["facts"]["app"]["ids"] == ["sha256:config", "sha256:index"]
    assert json.loads((tmp_path / "record.json").read_text())["sha256:index"] == "sha256:config"
    digest.write_text("sha256:stranger")
    assert ask(tmp_path, **store)["facts"]["app"]["ids"] == ["sha256:config", "sha256:index"]
