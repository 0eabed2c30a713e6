"""Data that was lost comes back: in the deployment that lost it, and in one that was made anew."""

from __future__ import annotations

import json

import pytest

from tests.integration import own
from tests.product.platform import kubectl

pytestmark = pytest.mark.usefixtures("drilled")
CONTENT = b"what was attached " * 5000
CONFIRMED = ("-e", "restore_confirmed=true")
STATE = """
SELECT count(*) || ' ' || md5(string_agg(t::text, '' ORDER BY id)) FROM tasks t UNION ALL
SELECT count(*) || ' ' || md5(string_agg(u::text, '' ORDER BY id)) FROM users u UNION ALL
SELECT count(*) || ' ' || md5(string_agg(a::text, '' ORDER BY id)) FROM attachments a
"""


def pods() -> set[str]:
    found = json.loads(kubectl("get", "pods", "-l", "app=todo-backend", "-o", "json", namespace=own.NAMESPACE))
    return {pod["metadata"]["uid"] for pod in found["items"]}


class Owner(own.Person):
    """Somebody with tasks, one of which has a file."""

    def __init__(self) -> None:
        super().__init__()
        tasks = [self.ask("tasks", {"title": f"task {number}"})["id"] for number in range(30)]
        self.task = tasks[0]
        self.attachment = self.attach(self.task, CONTENT)["id"]

    def has_everything(self) -> bool:
        """Whether the session goes on and all is there."""
        return len(self.ask("tasks?limit=100")["items"]) == 30 and self.content(self.task, self.attachment) == CONTENT


@pytest.fixture(scope="module")
def owner() -> Owner:
    return Owner()


@pytest.fixture(scope="module")
def state(owner: Owner) -> str:
    """What the database held when it was backed up."""
    before = own.sql(STATE)
    made = own.run("playbooks/backup.yml")
    assert made.code == 0, made.output[-4000:]
    assert owner.has_everything()
    return before


def test_what_was_lost_comes_back(owner: Owner, state: str) -> None:
    own.sql("DELETE FROM tasks; UPDATE users SET email = id::text")
    files = ("exec", "deployment/todo-backend", "--", "find", "/attachments", "-type", "f", "-delete")
    kubectl(*files, namespace=own.NAMESPACE)
    assert own.sql(STATE) != state

    asked = own.run("playbooks/restore.yml")
    assert asked.code != 0
    assert "Nothing was restored" in asked.output
    checked = own.run("playbooks/restore.yml", "--check", *CONFIRMED)
    assert checked.code == 0, checked.output[-4000:]
    assert own.sql(STATE) != state

    restored = own.run("playbooks/restore.yml", *CONFIRMED)
    assert restored.code == 0, restored.output[-4000:]
    assert own.sql(STATE) == state
    assert owner.has_everything()
    assert own.run().changed == 0


def test_a_backup_that_is_not_whole_stops_nobody(owner: Owner, state: str) -> None:
    broken = own.BACKUPS / "broken.part"
    broken.write_bytes(own.newest().read_bytes()[:-1000])
    before = pods()
    refused = own.run("playbooks/restore.yml", *CONFIRMED, "-e", f"backup_file={broken}")
    broken.unlink()
    assert refused.code != 0
    assert "broken or incomplete" in " ".join(refused.output.split())
    assert (own.sql(STATE), pods()) == (state, before)
    assert owner.has_everything()


def test_the_schedule_makes_one_too(state: str) -> None:
    job = ("create", "job", "by-the-schedule", f"--from=cronjob/{own.NAME}-backup")
    kubectl(*job, namespace=own.NAMESPACE)
    kubectl("wait", "job/by-the-schedule", "--for=condition=Complete", "--timeout=300s", namespace=own.NAMESPACE)
    told = json.loads(kubectl("logs", "job/by-the-schedule", namespace=own.NAMESPACE))
    made = own.run("playbooks/backup.yml")
    assert made.code == 0, made.output[-4000:]
    assert (own.BACKUPS / told["name"]).stat().st_size == told["size"]
    assert (own.run().code, own.run().changed) == (0, 0), "a pod that has done its work is no fault"


def test_a_new_deployment_takes_it(owner: Owner, state: str) -> None:
    gone = own.run("playbooks/reset.yml", "-e", "reset_confirmed=true", "-e", "reset_cluster=false")
    assert gone.code == 0, gone.output[-4000:]
    again = own.run()
    assert again.code == 0, again.output[-4000:]
    assert own.sql(STATE) != state
    restored = own.run("playbooks/restore.yml", *CONFIRMED)
    assert restored.code == 0, restored.output[-4000:]
    assert own.sql(STATE) == state
    assert owner.has_everything()
