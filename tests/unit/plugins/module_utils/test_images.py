from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from ansible_collections.todo.platform.plugins.module_utils import images
from ansible_collections.todo.platform.plugins.module_utils.components import parse


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for name in ("base", "app"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "Dockerfile").write_text(f"FROM {name}\n")
    (tmp_path / "app" / "main.py").write_text("print('one')\n")
    return tmp_path


def component(name: str, **more: object) -> dict[str, object]:
    return {"name": name, "context": name, "dockerfile": f"{name}/Dockerfile", **more}


def decide(
    root: Path, *, store: dict[str, str] | None = None, record: dict[str, str] | None = None, closed: bool = True
) -> dict[str, images.Plan]:
    data = [component("base", image="debian:12"), component("app", bases={"BASE": "base"})]
    return {
        p.name: p for p in images.plan(parse(data), root=root, store=store or {}, record=record or {}, closed=closed)
    }


def held(plans: dict[str, images.Plan], digest: str = "sha256:1") -> dict[str, str]:
    return {images.canonical(ref): digest for p in plans.values() for ref in (p.reference, *p.aliases)}


def test_an_empty_store_builds_everything(root: Path) -> None:
    assert {p.action for p in decide(root).values()} == {"build"}


def test_a_part_of_the_sources_has_a_digest_of_its_own(root: Path) -> None:
    def digest() -> str:
        data = [component("app", digests={"migrations": ["migrations", "main.py"]})]
        return images.plan(parse(data), root=root, store={}, record={}, closed=True)[0].digests["migrations"]

    with pytest.raises(ValueError, match="there is no migrations in"):
        digest()
    (root / "app/migrations/versions").mkdir(parents=True)
    before = digest()
    (root / "app/other.py").write_text("")
    (root / "app/migrations/__pycache__").mkdir()
    (root / "app/migrations/__pycache__/x.pyc").write_text("")
    assert digest() == before
    (root / "app/migrations/versions/one.py").write_text("")
    assert digest() != before


def test_the_same_sources_need_nothing(root: Path) -> None:
    plans = decide(root, store=held(decide(root)))
    assert {p.action for p in plans.values()} == {"none"}


@pytest.mark.parametrize(
    "edit",
    [
        lambda root: (root / "app" / "main.py").write_text("print('two')\n"),
        lambda root: (root / "app" / "main.py").chmod(0o755),
        lambda root: (root / "app" / "new.py").write_text(""),
        lambda root: (root / "app" / "main.py").unlink(),
        lambda root: (root / "app" / "Dockerfile").write_text("FROM other\n"),
        lambda root: (root / "base" / "Dockerfile").write_text("FROM other\n"),
    ],
    ids=["content", "mode", "added", "removed", "Dockerfile", "base"],
)
def test_every_change_of_a_source_gives_another_tag(root: Path, edit: Callable[[Path], object]) -> None:
    before = decide(root)["app"].tag
    edit(root)
    assert decide(root)["app"].tag != before


def test_what_dockerignore_leaves_out_does_not_count(root: Path) -> None:
    (root / "app" / ".dockerignore").write_text("*.log\n")
    before = decide(root)["app"].tag
    (root / "app" / "noise.log").write_text("x")
    assert decide(root)["app"].tag == before


def test_a_dockerignore_beside_the_dockerfile_goes_before_the_contexts_own(root: Path) -> None:
    (root / "app" / ".dockerignore").write_text("*.log\n")
    (root / "app" / "Dockerfile.dockerignore").write_text("*\n!main.py\n!Dockerfile\n")
    before = decide(root)["app"].tag
    (root / "app" / "noise.txt").write_text("x")
    assert decide(root)["app"].tag == before
    (root / "app" / "main.py").write_text("print('two')\n")
    assert decide(root)["app"].tag != before


def test_an_image_that_was_replaced_under_its_tag_is_built_again(root: Path) -> None:
    plans = decide(root)
    record = held(plans)
    store = {**record, images.canonical(plans["app"].reference): "sha256:other"}
    assert decide(root, store=store, record=record)["app"].action == "build"


def test_a_human_tag_that_names_another_image_is_put_right(root: Path) -> None:
    plans = decide(root)
    store = {**held(plans), images.canonical("app:latest"): "sha256:other"}
    assert decide(root, store=store, record=held(plans))["app"].action == "tag"


def test_a_base_is_looked_for_where_images_are_built_and_only_when_it_is_needed(root: Path) -> None:
    data = parse([component("base", deployed=False), component("app", bases={"BASE": "base"})])

    def decide(store: dict[str, str], builder: dict[str, str]) -> list[str]:
        plans = images.plan(data, root=root, store=store, builder=builder, record={}, closed=True)
        return [plan.action for plan in plans]

    plans = images.plan(data, root=root, store={}, record={}, closed=True)
    base, app = held({"base": plans[0]}), held({"app": plans[1]})
    assert decide({}, {}) == ["build", "build"]
    assert decide({}, base) == ["none", "build"]
    assert decide(app, {}) == ["none", "none"]


def test_an_upstream_image_is_taken_where_a_registry_answers(root: Path) -> None:
    plans = decide(root, closed=False)
    assert (plans["base"].action, plans["base"].reference) == ("upstream", "debian:12")
    assert plans["app"].build_args == {"BASE": "debian:12"}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([component("a", contxt="x")], "unknown contxt: did you mean context"),
        ([component("a"), component("a")], "listed twice"),
        ([component("app", bases={"BASE": "ap"})], "no base ap: did you mean app"),
    ],
)
def test_wrong_data_is_named(data: list[dict[str, object]], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parse(data)


@pytest.mark.parametrize(
    ("short", "full"),
    [
        ("todo:1", "docker.io/library/todo:1"),
        ("rancher/x:1", "docker.io/rancher/x:1"),
        ("registry.k8s.io/pause:3", "registry.k8s.io/pause:3"),
        ("localhost:5000/x:1", "localhost:5000/x:1"),
    ],
)
def test_canonical_names(short: str, full: str) -> None:
    assert images.canonical(short) == full
