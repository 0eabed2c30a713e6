"""The deployment `dev`, up and green on a real cluster, for every test of the product."""

from __future__ import annotations

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from tests.product.platform import Run, play

TINY_APPLICATION = ("tests/product/tiny/", "tests/product/test_scenarios.py")


class ByApplication(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """The tests of one application run beside those of the other, which has a state folder of its own."""

    def _split_scope(self, nodeid: str) -> str:
        return "tiny" if nodeid.startswith(TINY_APPLICATION) else "dev"


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByApplication:
    return ByApplication(config, log)


@pytest.fixture(scope="session")
def deployment() -> Run:
    """Bring `dev` up as `make up` does; what an earlier run left behind is what a user's machine has too."""
    run = play()
    assert run.code == 0, run.output[-6000:]
    return run
