"""The loop of development, on a copy of the tiny application's sources."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.product.loop import Loop
from tests.product.platform import ROOT, TINY, Run, kubectl, play, told
from tests.product.tiny.tiny import DEPLOYMENT, ask, extra, greets, serving

DOCKERFILE = (ROOT / "tests/tiny/app/Dockerfile").read_text()


@pytest.fixture
def sources(tiny: Run, tmp_path: Path) -> Path:
    """A folder with the same sources, but for a Dockerfile that is to be changed."""
    folder = tmp_path / "app"
    shutil.copytree(ROOT / "tests/tiny/app", folder)
    (folder / "Dockerfile").write_text(f"{DOCKERFILE}LABEL edition=old\n")
    return folder


@pytest.fixture
def arguments(sources: Path, tmp_path: Path) -> list[str]:
    """The inventory's components, with that folder."""
    [image], [component] = DEPLOYMENT["images_components"], DEPLOYMENT["dev_components"]
    built = image | {"context": str(sources), "dockerfile": str(sources / "Dockerfile")}
    sent = component | {"sync": [{**component["sync"][0], "from": str(sources)}]}
    return extra(tmp_path, {"images_components": [built], "dev_components": [sent]})


@pytest.fixture
def loop(arguments: list[str]) -> Iterator[Loop]:
    with Loop(*arguments, inventory=TINY) as running:
        running.says("watching")
        yield running


def test_what_is_saved_goes_live_by_the_shortest_way(loop: Loop, sources: Path, arguments: list[str]) -> None:
    server = sources / "server.py"
    before = server.read_text()
    pods = serving()

    told(ask("dev", *arguments), "another dev loop is at work")

    server.write_text(before.replace('["GREETING"],', '["GREETING"] + "!",'))
    assert "not live" not in loop.says("server.py: live in")
    assert greets("hello!")

    server.write_text(before.replace("def do_GET(self) -> None:", "def do_GET(self -> None:"))
    loop.says("server.py: not live")
    loop.says("SyntaxError")
    (sources / "words.txt").write_text("hello?")
    server.write_text(before.replace('os.environ["GREETING"],', 'open("/tmp/app/words.txt").read(),'))
    loop.says("live in")
    assert greets("hello?")
    assert serving() == pods, "new processes, the same pod"

    kubectl("delete", "pod", "--selector=app=tiny", "--wait=false", namespace="tiny")
    loop.says("files that a new pod lacked: live in")
    assert greets("hello?")

    (sources / "words.txt").unlink()
    server.write_text(before)
    loop.says("live in")
    assert greets("hello")
    assert "words.txt" not in kubectl("exec", "deployment/tiny", "--", "ls", "/tmp/app", namespace="tiny")

    pods = serving()
    (sources / "Dockerfile").write_text(DOCKERFILE)
    loop.says("needs a build or a release")
    loop.says("Dockerfile: live in")
    assert set(serving()).isdisjoint(pods)

    assert loop.end() == 0
    loop.says("brought back in")
    again = play(inventory=TINY)
    assert (again.code, again.changed) == (0, 0), again.output[-4000:]
