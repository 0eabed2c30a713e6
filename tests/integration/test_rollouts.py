"""One new version after the other while people use the application: none of them notices."""

from __future__ import annotations

import time
from collections import Counter

import pytest

from tests.integration import own
from tests.integration.drill import RECORDS, Talker, busy, provider, until
from tests.product.platform import kubectl

pytestmark = pytest.mark.usefixtures("drilled")
TIMES = 20


def test_no_request_fails_and_every_answer_comes_to_its_end() -> None:
    people, talkers = [own.Person() for _ in range(3)], [Talker() for _ in range(3)]
    seconds = []
    without_model = kubectl("get", "pods", "-l", "app=todo-agent", "-o", "name", namespace=own.NAMESPACE).split()
    with provider() as address:
        first = own.run("site.yml", "--tags", "release", "-e", f"drill_provider={address}")
        assert first.code == 0, first.output[-4000:]
        # Until it is gone it answers those who are connected to it.
        kubectl("wait", "--for=delete", "--timeout=120s", *without_model, namespace=own.NAMESPACE)
        with own.load(people) as outcomes, busy([talker.talk for talker in talkers]):
            for number in range(TIMES):
                before = own.containers()
                begin = time.monotonic()
                edition = ("-e", f"drill_provider={address}", "-e", f"drill_edition=number-{number}")
                run = own.run("site.yml", "--tags", "release", *edition)
                assert run.code == 0, run.output[-4000:]
                seconds.append(round(time.monotonic() - begin, 1))
                until(lambda: len(before.keys() & own.containers().keys()) == 1)  # noqa: B023  # the database
    answers = sum((talker.answers for talker in talkers), start=Counter[str]())
    RECORDS["rollouts"].append(
        {
            "drill": "rolling updates of backend, frontend and agent",
            "times": TIMES,
            "requests": outcomes.total(),
            "failed": outcomes.total() - outcomes["answered"],
            "streams": answers["whole"],
            "resumed": answers["cut and resumed"],
            "unfinished": answers.total() - answers["whole"] - answers["cut and resumed"],
            "seconds": seconds,
        }
    )
    assert outcomes.keys() == {"answered"}, outcomes
    assert answers.keys() <= {"whole", "cut and resumed"}, answers
