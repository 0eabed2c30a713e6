"""The drills' own deployment, for those that would do harm to a developer's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration import own


@pytest.fixture(scope="session")
def drilled() -> Iterator[None]:
    """Bring it up, and take it away at the end."""
    own.describe()
    up = own.run()
    assert up.code == 0, up.output[-6000:]
    yield
    down = own.run("playbooks/reset.yml", "-e", "reset_confirmed=true", "-e", "reset_cluster=false")
    assert down.code == 0, down.output[-4000:]
