"""The loop of development: what is saved goes live, by the shortest way that there is."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from ansible_collections.todo.platform.plugins.module_utils.changes import Developed, Plan, Run, Sources
from ansible_collections.todo.platform.plugins.module_utils.components import parse
from ansible_collections.todo.platform.plugins.module_utils.kubectl import (
    ClusterUnreachableError,
    Kubectl,
    KubectlError,
)
from ansible_collections.todo.platform.plugins.module_utils.live import Live, Outcome
from ansible_collections.todo.platform.plugins.module_utils.machine import Machine
from ansible_collections.todo.platform.plugins.module_utils.progress import format_seconds
from ansible_collections.todo.platform.plugins.module_utils.runlock import take, this_run
from ansible_collections.todo.platform.plugins.module_utils.workloads import NoSuchComponentError
from watchfiles import Change, watch
from watchfiles.main import FileChange

OPTIONS_VARIABLE = "TODO_PLATFORM_OPTIONS"
"""The options of the run of Ansible that ended in this program, for those that it starts itself."""

LOOK_SECONDS = 5
"""How often pods are looked at while nothing changes."""

TICK_MILLISECONDS = 500
MOST_NAMES = 3
TROUBLE = 2

_TAGS = {Run.RELEASE: ("--tags", "images,release"), Run.EVERYTHING: ()}
_NEEDED = {Run.RELEASE: "needs a build or a release", Run.EVERYTHING: "needs a run of everything"}
_QUIET = {
    "ANSIBLE_STDOUT_CALLBACK": "todo.platform.answer",
    "ANSIBLE_CALLBACKS_ENABLED": "todo.platform.answer,todo.platform.progress",
}


class Loop:
    """One deployment that is developed. `settings` is what the playbook `dev` knows."""

    def __init__(self, settings: Mapping[str, Any]) -> None:
        self._settings = settings
        root = Path(settings["root"])
        developed = [
            Developed(
                one["name"],
                one.get("image", one)["name"],
                {(root / folder["from"]).resolve(): folder["to"].rstrip("/") for folder in one["sync"]},
                one.get("reload", ""),
                one.get("live", ""),
            )
            for one in settings["components"]
        ]
        charts = [path for chart in settings["charts"] if (path := root / chart).exists()]
        inventories = [Path(one) for one in settings["inventories"]]
        bases = [name for image in settings["images"] for name in (image.get("bases") or {}).values()]
        self._root = root.resolve()
        self._sources = Sources(self._root, parse(settings["images"], bases), charts, inventories, developed)
        kubectl = Kubectl(**settings["kubectl"])
        self._live = {one.name: Live(one, self._sources, kubectl) for one in developed}
        self._owed = Plan()
        self._failures: Counter[str] = Counter()

    def __call__(self) -> int:
        """Bring the deployment up, watch until the person or the time ends it, and bring it back. The exit code."""
        state, deployment = Path(self._settings["state_dir"]), self._settings["deployment"]
        machine = Machine()
        if other := take(state / "dev.lock", this_run(machine, deployment, os.getpid()), machine):
            say(f"another dev loop is at work: {other}")
            return 1
        # What changes while the deployment is brought up is heard, too.
        changes = watch(*self._sources.watched(), rust_timeout=TICK_MILLISECONDS, yield_on_timeout=True)
        next(changes)
        try:
            say(f"{deployment} is brought up as it is developed")
            if not self._play(Run.EVERYTHING):
                say("it did not come up, for the reason above; site.yml brings it to what the inventory says")
                return 1
            self._watch(changes)
        except KeyboardInterrupt:
            print(flush=True)
        finally:
            for live in self._live.values():
                live.close()
        return 0 if self._bring_back() else 1

    def _watch(self, changes: Iterator[set[FileChange]]) -> None:
        folders = [folder for one in self._sources.developed for folder in one.folders]
        say(f"watching {self._shown(folders)}; Ctrl+C ends it")
        until = time.monotonic() + (float(self._settings["timeout"]) or float("inf"))
        looked = float("-inf")
        for found in changes:
            # That something is new in a folder is told of the new thing, too.
            changed = {Path(path) for kind, path in found if kind != Change.modified or not Path(path).is_dir()}
            if changed:
                self._bring(self._sources.plan(changed))
            if changed or time.monotonic() > looked + LOOK_SECONDS:
                self._look()
                looked = time.monotonic()
            if time.monotonic() > until:
                return

    def _bring(self, plan: Plan) -> None:
        """Do what changed files need, and what failed before."""
        if plan.run or plan.sent:
            plan.run = max(plan.run, self._owed.run)
            plan.built |= self._owed.built
        if plan.run:
            start, what = time.monotonic(), self._shown(plan.built)
            say(f"{what}: {_NEEDED[plan.run]}")
            done = self._play(plan.run)
            self._owed = Plan() if done else plan
            say(f"{what}: {f'live in {since(start)}' if done else 'not live, for the reason above'}")
        for name, changed in plan.sent.items():
            self._send(name, changed)

    def _look(self) -> None:
        """Give pods that are new what they lack."""
        for name in self._live:
            self._send(name)

    def _send(self, name: str, changed: Collection[Path] = ()) -> None:
        start = time.monotonic()
        try:
            outcomes = self._live[name].bring(changed)
        except (KubectlError, NoSuchComponentError) as error:
            self._failed(name, changed, error)
        else:
            self._failures[name] = 0
            self._tell(name, changed, outcomes, since(start))

    def _failed(self, name: str, changed: Collection[Path], error: Exception) -> None:
        """A pod that just went is no trouble; what fails twice is brought up again, if there is a cluster."""
        self._failures[name] += 1
        if changed:
            say(f"{name}: {self._shown(changed)}: not sent yet")
        if self._failures[name] == TROUBLE:
            say(f"{name}: files can't be sent: {error}")
            if not isinstance(error, ClusterUnreachableError):
                self._play(Run.RELEASE)

    def _tell(self, name: str, changed: Collection[Path], outcomes: list[Outcome], took: str) -> None:
        live = "live" if self._live[name].component.live else "sent"
        for outcome in outcomes:
            what = self._shown(changed) if changed else f"{outcome.files} files that a new pod lacked"
            if outcome.wrong:
                say(f"{name}: {what}: not live:")
                print("\n".join(f"    {line}" for line in outcome.wrong), flush=True)
            elif outcome.files:
                say(f"{name}: {what}: {live} in {took}")
        if changed and not outcomes:
            say(f"{name}: {self._shown(changed)}: no pod runs; the next one gets it")

    def _bring_back(self) -> bool:
        say("the deployment is brought back to what the inventory says; Ctrl+C leaves that to site.yml")
        start = time.monotonic()
        done = False
        with contextlib.suppress(KeyboardInterrupt):
            done = self._play(Run.RELEASE, developed=False)
        say(f"brought back in {since(start)}" if done else "it was not brought back: run site.yml")
        return done

    def _play(self, run: Run, developed: bool = True) -> bool:
        """Run the playbook `site`, with what lies over images and releases while they are developed."""
        over = ["--extra-vars", json.dumps(self._settings["overlays"])] if developed else []
        program = str(Path(sys.executable).with_name("ansible-playbook"))
        words = [program, self._settings["playbook"], *json.loads(os.environ.get(OPTIONS_VARIABLE, "[]"))]
        with subprocess.Popen([*words, *over, *_TAGS[run]], env={**os.environ, **_QUIET}) as playing:
            try:
                return playing.wait() == 0
            except KeyboardInterrupt:
                # It comes to an end by itself, so that no half of it goes on beside the next one.
                playing.send_signal(signal.SIGINT)
                playing.wait()
                raise

    def _shown(self, paths: Collection[Path]) -> str:
        names = sorted(str(path.relative_to(self._root) if path.is_relative_to(self._root) else path) for path in paths)
        return ", ".join(names) if len(names) <= MOST_NAMES else f"{names[0]} and {len(names) - 1} more"


def say(text: str) -> None:
    """One line for the person, with the time of day."""
    print(f"{time.strftime('%H:%M:%S')}  {text}", flush=True)


def since(start: float) -> str:
    """How long it took."""
    return format_seconds(time.monotonic() - start)


def main(settings: str) -> int:
    """Run the loop with the settings in a file."""

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    # A terminal that is closed, or a program that ends it.
    signal.signal(signal.SIGHUP, interrupted)
    signal.signal(signal.SIGTERM, interrupted)
    try:
        loop = Loop(json.loads(Path(settings).read_text()))
    except ValueError as error:
        say(str(error))
        return 1
    return loop()
