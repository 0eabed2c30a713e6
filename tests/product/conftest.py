"""The deployment `dev`, up and green on a real cluster, for every test of the product."""

from __future__ import annotations

import pytest

from tests.product.platform import Run, play


@pytest.fixture(scope="session")
def deployment() -> Run:
    """Bring `dev` up as `make up` does; what an earlier run left behind is what a user's machine has too."""
    run = play()
    assert run.code == 0, run.output[-6000:]
    return run
