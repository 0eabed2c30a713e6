"""The deployment `dev`, up and green on a real cluster, for every test of the product."""

from __future__ import annotations

import pytest

from tests.product.platform import ROOT, Run, play

APPLICATION = pytest.mark.xdist_group("dev")
TINY_APPLICATION = pytest.mark.xdist_group("tiny")


# Before xdist reads the groups.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the tests of one application run beside those of the other, which has a state folder of its own."""
    others = (ROOT / "tests/product/tiny", ROOT / "tests/product/test_scenarios.py")
    for item in items:
        of_tiny = any(item.path.is_relative_to(other) for other in others)
        item.add_marker(TINY_APPLICATION if of_tiny else APPLICATION)


@pytest.fixture(scope="session")
def deployment() -> Run:
    """Bring `dev` up as `make up` does; what an earlier run left behind is what a user's machine has too."""
    run = play()
    assert run.code == 0, run.output[-6000:]
    return run
