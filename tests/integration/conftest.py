"""What drills have of their own, for those that would do harm to a developer's: a deployment, Docker, registries."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.__main__ import RESULTS, keep
from tests.integration import own
from tests.integration.docker_engine import engine_in, registry_in
from tests.integration.drill import RECORDS


@pytest.fixture(scope="session")
def drilled() -> Iterator[None]:
    """Bring it up, and take it away at the end."""
    own.describe()
    up = own.run()
    assert up.code == 0, up.output[-6000:]
    yield
    down = own.run("playbooks/reset.yml", "-e", "reset_confirmed=true", "-e", "reset_cluster=false")
    assert down.code == 0, down.output[-4000:]


@pytest.fixture(scope="session", autouse=True)
def _kept() -> Iterator[None]:
    """Keep what the drills saw."""
    yield
    if RECORDS:
        keep(RESULTS / "drills", **RECORDS)


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Docker as the environment names it from here on."""
    with engine_in(tmp_path_factory.mktemp("docker")):
        yield


@pytest.fixture
def registry(engine: None, tmp_path: Path) -> Iterator[str]:
    """A registry; its host and port."""
    with registry_in(tmp_path) as host:
        yield host
