"""What was acknowledged outlives everything that is killed, and the application comes back by itself."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable

import pytest

from tests.integration import own
from tests.integration.drill import RECORDS, Writer, busy, kill_container, until
from tests.product import node
from tests.product.platform import kubectl_command

pytestmark = pytest.mark.usefixtures("drilled")
TIMES = 10
Back = Callable[[], object]
"""Tells whether what was killed is there again."""


def repeatedly(what: str, kill: Callable[[], Back]) -> None:
    """Kill it ten times while people write, each time after it recovered; nothing that was acknowledged may be lost."""
    writers = [Writer() for _ in range(4)]
    seconds = []
    with busy([writer.write for writer in writers]):
        for _ in range(TIMES):
            time.sleep(2)
            begin = time.monotonic()
            back = kill()
            until(back)
            until(lambda: all(writer.latest > begin for writer in writers))  # noqa: B023
            seconds.append(round(time.monotonic() - begin, 1))
    lost = sum(len(writer.lost()) for writer in writers)
    RECORDS["kills"].append(
        {
            "drill": what,
            "times": TIMES,
            "acknowledged": sum(len(writer.acknowledged) for writer in writers),
            "lost": lost,
            "refused": sum(writer.refused.total() for writer in writers),
            "seconds": seconds,
        }
    )
    assert lost == 0


def container_of(component: str) -> str:
    [container] = own.containers(component)
    return container


def kill_pod(component: str) -> Back:
    killed = container_of(component)
    kill_container(killed)
    return lambda: own.containers(component).keys() - {killed}


def kill_database() -> Back:
    """Kill it while a transaction that has changed every task is open."""
    psql = ["exec", "postgres-0", "--", "psql", "--username=postgres", "--dbname=todo"]
    steps = ["BEGIN", "UPDATE tasks SET description = 'half done'", "SELECT pg_sleep(600)"]
    command = [*kubectl_command(own.NAMESPACE), *psql, *(word for step in steps for word in ("-c", step))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as open_transaction:
        assert open_transaction.stdout
        assert any(line.startswith("UPDATE") for line in open_transaction.stdout)
        back = kill_pod("postgres")
    return lambda: back() and own.sql("SELECT count(*) FROM tasks WHERE description = 'half done'") == "0\n"


def kill_daemon(name: str) -> Back:
    killed = node.daemon(name)
    for process in killed:
        os.kill(process, signal.SIGKILL)
    # It takes both of them.
    command = [*kubectl_command(own.NAMESPACE), "exec", "deployment/todo-backend", "--", "true"]
    return lambda: (
        node.daemon(name) - killed and subprocess.run(command, capture_output=True, check=False).returncode == 0
    )


def kill_node() -> Back:
    """Kill everything, and do what a person would: run again."""
    node.kill()
    run = own.run()
    assert run.code == 0, run.output[-6000:]
    return lambda: True


@pytest.mark.parametrize("component", ["todo-backend", "todo-frontend", "todo-agent"])
def test_pod(component: str) -> None:
    repeatedly(f"pod: every process of {component}", lambda: kill_pod(component))


def test_database_in_mid_transaction() -> None:
    repeatedly("database in mid-transaction", kill_database)


@pytest.mark.alone
@pytest.mark.parametrize("name", ["kubelet", "containerd"])
def test_daemon(name: str) -> None:
    repeatedly(name, lambda: kill_daemon(name))


@pytest.mark.alone
def test_whole_node() -> None:
    repeatedly("whole node, then `make up`", kill_node)
