"""The deployment `dev`, up and green on a real cluster, for every test of the product."""

from __future__ import annotations

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from tests.product.platform import Run, play

SCOPES = {"tests/product/tiny/": "tiny", "tests/product/test_scenarios.py": "scenarios"}


class ByDeployment(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """The tests of a deployment run beside those of the others; each has a namespace and a state folder of its own."""

    def _split_scope(self, nodeid: str) -> str:
        return next((scope for start, scope in SCOPES.items() if nodeid.startswith(start)), "dev")


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByDeployment:
    return ByDeployment(config, log)


@pytest.fixture(scope="session")
def deployment() -> Run:
    """Bring `dev` up as `make up` does; what an earlier run left behind is what a user's machine has too."""
    run = play()
    assert run.code == 0, run.output[-6000:]
    return run
