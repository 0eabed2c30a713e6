"""To which revision a release goes back, and what its migrations are asked."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.todo.platform.plugins.module_utils.goback import (
    GoBackError,
    asking,
    migrations,
    questions,
    target,
)
from ansible_collections.todo.platform.plugins.module_utils.helm import Revision

HISTORY = [
    Revision(number, status)
    for number, status in enumerate(["superseded", "superseded", "failed", "superseded", "deployed"], 1)
]


@pytest.mark.parametrize(("wanted", "same", "found"), [(None, (), 4), (None, (4,), 2), (1, (), 1)])
def test_the_revision_to_go_back_to(wanted: int | None, same: tuple[int, ...], found: int) -> None:
    assert target(HISTORY, wanted, lambda number: number not in same) == (found, 5)


@pytest.mark.parametrize(
    ("history", "wanted", "said"),
    [
        ([], None, "not installed"),
        ([*HISTORY[:4], Revision(5, "pending-upgrade")], None, "revision 5 is pending-upgrade: run site.yml"),
        (HISTORY, 3, "revision 3 is none that was deployed whole: it can go back to 1, 2, 4"),
        (HISTORY, 5, "revision 5 is the one that serves"),
        (HISTORY[4:], None, "no revision before 5 differs from it: none before it was deployed whole"),
    ],
)
def test_no_way_back(history: list[Revision], wanted: int | None, said: str) -> None:
    with pytest.raises(GoBackError, match=said):
        target(history, wanted, lambda _: True)


def hook(image: str, *, goes_back: bool = True, name: str = "migrate") -> dict[str, Any]:
    annotations = {"helm.sh/hook": "pre-install,pre-upgrade"} | (
        {"todo.platform/goes-back": "true"} if goes_back else {}
    )
    container = {"name": "migrate", "image": image, "command": ["migrate"]}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name, "annotations": annotations, "labels": {"app": name}},
        "spec": {"backoffLimit": 3, "template": {"spec": {"containers": [container]}}},
    }


def test_only_what_runs_before_an_upgrade_is_a_migration() -> None:
    after = hook("a")
    after["metadata"]["annotations"]["helm.sh/hook"] = "post-upgrade"
    assert migrations([hook("a"), after, {"kind": "Secret", "metadata": {}}]) == [hook("a")]


def test_the_same_migration_is_not_asked() -> None:
    assert questions([hook("a")], [hook("a")], unchecked=False) == []
    assert questions([], [hook("a")], unchecked=False) == []
    [question] = questions([hook("b")], [hook("a")], unchecked=False)
    assert (question.serving, question.older) == (hook("b"), hook("a"))


@pytest.mark.parametrize("older", [[], [hook("a", goes_back=False)]])
def test_a_migration_that_cannot_be_asked_is_no_way_back_unless_a_person_answers_for_it(older: list[Any]) -> None:
    with pytest.raises(GoBackError, match="rollback_unchecked=true"):
        questions([hook("b")], older, unchecked=False)
    assert questions([hook("b")], older, unchecked=True) == []


def test_a_question_is_a_job_of_its_own_that_is_tried_once() -> None:
    job = asking(hook("a", name="m" * 63), ["--needs"])
    assert job["metadata"] == {"name": "m" * 59 + "-ask", "labels": {"app": "m" * 63}}
    assert job["spec"]["backoffLimit"] == 0
    assert job["spec"]["template"]["spec"]["containers"][0]["command"] == ["migrate", "--needs"]
    assert hook("a")["spec"]["backoffLimit"] == 3
