"""The tiny application, up and green; what it suffers in these tests must not be seen from outside."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.product.platform import TINY, Run, play
from tests.product.tiny.tiny import greeting, serving


@pytest.fixture(scope="package")
def tiny() -> Iterator[Run]:
    """Bring the tiny application up, and take it away at the end; the cluster stays."""
    run = play(inventory=TINY)
    assert run.code == 0, run.output[-6000:]
    yield run
    answers = ("-e", "reset_confirmed=true", "-e", "reset_cluster=false")
    reset = play(*answers, playbook="playbooks/reset.yml", inventory=TINY)
    assert reset.code == 0, reset.output[-4000:]


@pytest.fixture
def unharmed(tiny: Run) -> Iterator[None]:
    """The same pods serve afterwards as before."""
    before = serving()
    yield
    assert serving() == before
    assert greeting() == "hello"
