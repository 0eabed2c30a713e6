"""A run that is killed at any of its tasks loses nothing, and the next one gets there."""

from __future__ import annotations

import itertools
from pathlib import Path

from tests.product.platform import TINY, kubectl, play
from tests.product.tiny.killing import edition, killed
from tests.product.tiny.tiny import extra, greeting, greets


def test_killed_at_every_task(tmp_path: Path) -> None:
    """Each run has something to do in every stage, and is killed a task later than the one before."""
    assert play(inventory=TINY).code == 0
    greetings = ["hello"]
    for number in itertools.count():
        greetings.append(f"edition {number}")
        kubectl("delete", "secret", "tiny", "--ignore-not-found", namespace="tiny")
        if not killed(*extra(tmp_path, edition(tmp_path, greetings[-1])), skip=number):
            break
        assert greeting() in greetings
    assert number > 50, "the run has fewer tasks than that: was it a whole one?"
    assert greets(greetings[-1])
    assert play(inventory=TINY).code == 0
    again = play(inventory=TINY)
    assert (again.code, again.changed) == (0, 0), again.output[-4000:]
