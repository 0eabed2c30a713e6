"""What a changed file needs to go live."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.todo.platform.plugins.module_utils.changes import Developed, Plan, Run, Sources
from ansible_collections.todo.platform.plugins.module_utils.components import Component

BACKEND = Component(
    "backend", context="app", dockerfile="docker/backend/Dockerfile", digests={"migrations": ["backend/migrations"]}
)
IGNORED = "# Only this is seen.\n*\n!backend\n!shared\n**/drafts\n"
FILES = (
    "app/backend/main.py",
    "app/backend/api/tasks.py",
    "app/backend/drafts/idea.py",
    "app/backend/__pycache__/main.pyc",
    "app/backend/migrations/0001.py",
    "app/backend/requirements.txt",
    "app/shared/words.py",
    "app/frontend/page.tsx",
    "docker/backend/Dockerfile",
    "charts/web/Chart.yaml",
    "charts/library/Chart.yaml",
    "inventory/deployment.yml",
    "app/application.yml",
    "docs/page.md",
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A deployment's sources; a chart and an inventory have links to what others share."""
    for name in FILES:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    (tmp_path / "docker/backend/Dockerfile.dockerignore").write_text(IGNORED)
    (tmp_path / "charts/web/library").symlink_to("../library")
    (tmp_path / "inventory/application.yml").symlink_to("../app/application.yml")
    return tmp_path


def developed(root: Path, name: str, image: str = "backend", folder: str = "app/backend") -> Developed:
    return Developed(name, image, {root / folder: "/tmp/app"})


def sources(root: Path, *components: Developed, images: tuple[Component, ...] = (BACKEND,)) -> Sources:
    return Sources(root, images, [root / "charts/web"], [root / "inventory"], components)


def plan(root: Path, *names: str) -> Plan:
    return sources(root, developed(root, "api")).plan(root / name for name in names)


@pytest.mark.parametrize("name", ["app/backend/main.py", "app/backend/api/tasks.py", "app/backend/new.py"])
def test_what_lies_in_a_folder_of_a_developed_component_is_sent(root: Path, name: str) -> None:
    assert plan(root, name) == Plan(sent={"api": {root / name}})


@pytest.mark.parametrize(
    "name",
    [
        "app/shared/words.py",
        "app/backend/migrations/0001.py",
        "docker/backend/Dockerfile",
        "docker/backend/Dockerfile.dockerignore",
        "charts/web/Chart.yaml",
        "charts/library/Chart.yaml",
    ],
)
def test_what_cannot_be_sent_is_built_and_released(root: Path, name: str) -> None:
    assert plan(root, name) == Plan(Run.RELEASE, {root / name})


@pytest.mark.parametrize("name", ["inventory/deployment.yml", "app/application.yml"])
def test_what_an_inventory_says_needs_a_run_of_everything(root: Path, name: str) -> None:
    assert plan(root, name) == Plan(Run.EVERYTHING, {root / name})


@pytest.mark.parametrize(
    "name",
    [
        "docs/page.md",
        "app/frontend/page.tsx",
        "app/backend/drafts/idea.py",
        "app/backend/__pycache__/main.pyc",
        "app/backend/.main.py.swp",
        "charts/web/values.yaml~",
    ],
)
def test_what_nothing_is_made_of_needs_nothing(root: Path, name: str) -> None:
    assert plan(root, name) == Plan()


def test_of_several_files_each_goes_its_way_and_the_longest_run_is_for_all(root: Path) -> None:
    names = ("inventory/deployment.yml", "docker/backend/Dockerfile", "app/backend/main.py")
    built, sent = {root / name for name in names[:2]}, {"api": {root / names[2]}}
    assert plan(root, *names) == plan(root, *reversed(names)) == Plan(Run.EVERYTHING, built, sent)


def test_all_components_of_an_image_get_a_file_or_it_is_built(root: Path) -> None:
    path = root / "app/backend/main.py"
    both = sources(root, developed(root, "api"), developed(root, "worker"))
    assert both.plan([path]) == Plan(sent={"api": {path}, "worker": {path}})
    one = sources(root, developed(root, "api"), developed(root, "worker", folder="app/shared"))
    assert one.plan([path]) == Plan(Run.RELEASE, {path})


def test_an_image_that_is_not_developed_is_built_beside_one_that_is(root: Path) -> None:
    path = root / "app/backend/main.py"
    other = Component("other", context="app/backend", dockerfile="docker/backend/Dockerfile")
    (root / "docker/backend/Dockerfile.dockerignore").unlink()
    both = sources(root, developed(root, "api"), images=(BACKEND, other))
    assert both.plan([path]) == Plan(Run.RELEASE, {path}, {"api": {path}})


def test_what_a_pod_should_have_and_where_it_comes_from(root: Path) -> None:
    component = developed(root, "api")
    files = sources(root, component).files(component)
    names = {"main.py", "api/tasks.py", "migrations/0001.py", "requirements.txt"}
    assert files == {f"/tmp/app/{name}": root / "app/backend" / name for name in names}
    assert all(component.source(target) == path for target, path in files.items())


@pytest.mark.parametrize(
    ("image", "folder", "told"),
    [
        ("bakend", "app/backend", "api: there is no image bakend: did you mean backend?"),
        ("backend", "docs", "docs is no folder in the build context"),
        ("backend", "app/nowhere", "app/nowhere is no folder in the build context"),
    ],
)
def test_what_does_not_fit_is_told(root: Path, image: str, folder: str, told: str) -> None:
    with pytest.raises(ValueError, match=told.replace("?", r"\?")):
        sources(root, developed(root, "api", image, folder))


def test_folders_inside_others_are_watched_once(root: Path) -> None:
    other = Component("other", context="app/backend", dockerfile="app/backend/Dockerfile")
    watched = sources(root, images=(BACKEND, other)).watched()
    names = ("app", "charts/library", "charts/web", "docker/backend/Dockerfile", "inventory")
    assert watched == [root / name for name in names]
