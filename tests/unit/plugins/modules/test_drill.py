"""Drills against a real server that keeps notes, or forgets them when it is broken."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from ansible_collections.todo.platform.plugins.module_utils.drills import DrillError, Row, as_table, practise
from kubernetes_standin import Answer, KubernetesStandin, Request, Server, context

WRITE = {
    "name": "add",
    "method": "POST",
    "path": "/notes",
    "json": {"text": "note ${number}"},
    "expect": {"status": [201]},
    "capture": {"note": "id"},
}
FIND = {"name": "find", "path": "/notes/${note}", "expect": {"contains": "note ${number}"}}
LEAVE = {"name": "leave", "method": "DELETE", "path": "/account"}


class Notes:
    """An application that can be made to forget, or to answer nobody."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.open = True
        self.left = False

    def __call__(self, request: Request) -> Answer:
        if not self.open:
            return Answer(503)
        if request.method == "POST":
            name = str(len(self.kept))
            self.kept[name] = request.json()["text"]
            return Answer(201, {"id": name})
        self.left |= request.method == "DELETE"
        return Answer(200, self.kept.get(request.path.rpartition("/")[2], ""))


def drilled(notes: Notes, do: Callable[[str], int], timeout: float = 20, **drill: Any) -> list[Row]:
    """One drill, whose commands have one word."""

    def run(command: Sequence[str]) -> tuple[int, str]:
        return do(command[0]), "so it goes"

    described = {"name": "the shelf", "strike": ["break"], "mend": [], "hold": 0.5, "back": [], **drill}
    with Server(notes).running() as url, context(KubernetesStandin()) as given:
        story = {"url": url, "request_timeout": 5, "begin": [], "write": WRITE, "find": FIND, "end": [LEAVE]}
        return practise([described], story, given, run, timeout=timeout, say=lambda _: None)


def test_what_was_acknowledged_is_found_again() -> None:
    notes = Notes()
    [row] = drilled(notes, lambda _: 0)
    assert (row.drill, row.lost, row.refused) == ("the shelf", 0, 0)
    assert row.acknowledged == len(notes.kept) >= 2
    assert notes.left


def test_what_is_gone_is_counted() -> None:
    notes = Notes()

    def forget(_: str) -> int:
        notes.kept |= dict.fromkeys(notes.kept, "")
        return 0

    [row] = drilled(notes, forget)
    assert 0 < row.lost < row.acknowledged


def test_what_does_not_mend_itself_is_mended() -> None:
    notes = Notes()

    def switch(command: str) -> int:
        notes.open = command == "mend"
        return 0

    [row] = drilled(notes, switch, mend=["mend"])
    assert (row.lost, notes.open) == (0, True)
    assert row.refused > 0


def test_it_has_recovered_when_the_command_says_so() -> None:
    answers = [0, 1, 1, 0]
    drilled(Notes(), lambda _: answers.pop(0), back=["look"])
    assert answers == []


def test_nothing_is_broken_where_nobody_can_write() -> None:
    notes = Notes()
    notes.open = False
    with pytest.raises(DrillError, match="the shelf: nothing was broken yet, and no write succeeds"):
        drilled(notes, lambda _: pytest.fail("it was"), timeout=0.5)


def test_a_command_that_fails_is_told() -> None:
    notes = Notes()
    with pytest.raises(DrillError, match="the shelf: break failed: so it goes"):
        drilled(notes, lambda _: 1)
    assert notes.left


def test_what_does_not_recover_is_told() -> None:
    with pytest.raises(DrillError, match=r"the shelf: it did not recover within 0\.5 s"):
        drilled(Notes(), lambda command: int(command == "look"), timeout=0.5, back=["look"])


def test_the_table_is_for_a_terminal() -> None:
    table = as_table([Row("pods of api", 12, 3, 0, 4.26), Row("kubelet", 7, 0, 1, 10.0)])
    assert table.splitlines() == [
        "What was broken  Acknowledged  Lost  Refused meanwhile  Recovered in",
        "pods of api      12            0     3                  4.3 s",
        "kubelet          7             1     0                  10.0 s",
    ]
