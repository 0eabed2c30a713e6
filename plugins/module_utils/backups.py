"""Backups of a deployment: made and brought back by the tool in a pod, encrypted and decrypted with age's keys."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from ansible_collections.todo.platform.plugins.module_utils.kubectl import Kubectl, KubectlError, KubeObject

SUFFIX = ".tar.age"
REPLICAS = "todo.platform/replicas"
"""Where a Deployment that stands still for a restore has noted how many pods it had."""

_FOLDER = "/backups"
_ROLLOUT_SECONDS = 300
_MIGRATION_SECONDS = 900


class BackupError(Exception):
    """The backup can't be made or brought back; the text says why, and holds neither data nor keys."""


# --- keys ------------------------------------------------------------------------------------------------------------
def new_identity() -> str:
    """A key that decrypts backups; it belongs into the vault."""
    from pyrage import x25519  # noqa: PLC0415  # whoever makes no backup does not need it

    return str(x25519.Identity.generate())


def recipient(identities: str) -> str:
    """The public key that belongs to the first of the identities, for which new backups are encrypted.

    Raises BackupError.
    """
    return str(_identities(identities)[0].to_public())


def _identities(text: str) -> list[Any]:
    from pyrage import IdentityError, x25519  # noqa: PLC0415  # see new_identity

    try:
        found = [x25519.Identity.from_str(word) for word in text.split()]
    except IdentityError:
        raise BackupError("the key of the backups is none of age's: it begins with AGE-SECRET-KEY-1") from None
    if not found:
        raise BackupError("there is no key of the backups: set vault_backup_identity")
    return found


# --- the pod ---------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Pod:
    """The pod in which the tool is."""

    kubectl: Kubectl
    name: str

    def ask(self, verb: str) -> dict[str, Any]:
        """What a verb of the tool answers. Raises BackupError."""
        done = subprocess.run(
            self._command("backup", verb), env=self.kubectl.environment(), capture_output=True, text=True, check=False
        )
        return _answer(done.returncode, done.stdout, done.stderr)

    def fetch(self, name: str, size: int, folder: Path) -> Path:
        """Bring a backup here, whole or not at all; readable by its owner alone. Raises BackupError."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        target = folder / name
        part = folder / f".{name}.{os.getpid()}"
        command = self._command("cat", f"{_FOLDER}/{name}")
        try:
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                done = subprocess.run(
                    command, env=self.kubectl.environment(), stdout=file, stderr=subprocess.PIPE, check=False
                )
                if done.returncode:
                    raise BackupError(f"{name} could not be fetched: {_told(done.stderr.decode(errors='replace'))}")
                file.flush()
                os.fsync(file.fileno())
                if file.tell() != size:
                    raise BackupError(f"{name} did not arrive whole")
            part.rename(target)
        finally:
            part.unlink(missing_ok=True)
        return target

    @contextmanager
    def receiving(self) -> Iterator[IO[bytes]]:
        """A pipe into the tool, that takes a decrypted backup and checks it. Raises BackupError at its end."""
        with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
            process = subprocess.Popen(
                self._command("backup", "receive", stdin=True),
                env=self.kubectl.environment(),
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=errors,
            )
            assert process.stdin
            try:
                yield process.stdin
                process.stdin.close()
                code = process.wait()
            except BrokenPipeError:
                code = process.wait() or 1
            finally:
                process.kill()
            output.seek(0)
            errors.seek(0)
            _answer(code, output.read().decode(), errors.read().decode(errors="replace"))

    def _command(self, *words: str, stdin: bool = False) -> list[str]:
        options = ["--stdin"] if stdin else []
        # What is streamed may take its time.
        return self.kubectl.command(["exec", *options, "--request-timeout=0", self.name, "--", *words])


def _answer(code: int, output: str, errors: str) -> dict[str, Any]:
    if code:
        raise BackupError(_told(errors))
    answer: dict[str, Any] = json.loads(output.splitlines()[-1])
    return answer


def _told(errors: str) -> str:
    lines = [line for line in errors.splitlines() if line and not line.startswith("command terminated")]
    return " ".join(lines[-3:]) or "it ended without a word"


# --- making ----------------------------------------------------------------------------------------------------------
def local(folder: Path) -> list[Path]:
    """The backups in a folder, newest first."""
    return sorted(folder.glob(f"*{SUFFIX}"), reverse=True)


def make(pod: Pod, folder: Path, keep: int) -> dict[str, Any]:
    """Make a backup, bring here what the schedule made too, and keep the newest. Raises BackupError."""
    made = pod.ask("create")
    have = {path.name for path in local(folder)}
    there = pod.ask("list")["backups"][:keep]
    fetched = [pod.fetch(name, size, folder) for name, size in there if name not in have]
    with Path(folder / made["name"]).open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != made["sha256"]:
            raise BackupError(f"{made['name']} did not arrive as it was made")
    for path in local(folder)[keep:]:
        path.unlink()
    return {**made, "file": str(folder / made["name"]), "fetched": [str(path) for path in fetched]}


# --- bringing back ---------------------------------------------------------------------------------------------------
def send(pod: Pod, path: Path, identities: str) -> None:
    """Decrypt a backup on its way into the pod, where all of it is checked. Raises BackupError before anything changes.

    The key stays here, and nothing decrypted is written here.
    """
    from pyrage import DecryptError, decrypt_io  # noqa: PLC0415  # see new_identity

    keys = _identities(identities)
    try:
        # Once for the checks alone: whatever age refuses is refused before the cluster hears of it.
        with path.open("rb") as file, Path(os.devnull).open("wb") as nowhere:
            decrypt_io(file, nowhere, keys)
    except FileNotFoundError:
        raise BackupError(f"there is no backup {path}") from None
    except DecryptError as error:
        raise BackupError(f"{path.name} can't be decrypted: {str(error)[:1].lower()}{str(error)[1:]}") from None
    except OSError as error:
        raise BackupError(f"{path.name} is broken or incomplete: {error.strerror or error}") from None
    with path.open("rb") as file, pod.receiving() as pipe:
        decrypt_io(file, pipe, keys)


def restore(pod: Pod, workloads: Sequence[str], migrate: Sequence[str]) -> dict[str, Any]:
    """Put what was sent in place while nobody uses it, bring its schema forward, and go on. Raises BackupError."""
    try:
        deployments = _stop(pod.kubectl, workloads)
        try:
            answer = pod.ask("apply")
            if migrate and deployments:
                _migrate(pod.kubectl, deployments[0], migrate)
        finally:
            _go_on(pod.kubectl, deployments)
    except KubectlError as error:
        raise BackupError(str(error)) from error
    return answer


def _stop(kubectl: Kubectl, workloads: Iterable[str]) -> list[KubeObject]:
    """Take every pod of some Deployments away; how many there were is noted, for another run if this one is killed."""
    found = kubectl.get_json("deployments", names=workloads) if workloads else []
    for deployment in found:
        noted = deployment["metadata"].get("annotations", {}).get(REPLICAS)
        replicas = noted or str(deployment["spec"].get("replicas") or 1)
        patch = {"metadata": {"annotations": {REPLICAS: replicas}}, "spec": {"replicas": 0}}
        _patch(kubectl, deployment, patch)
    for deployment in found:
        labels = deployment["spec"]["selector"]["matchLabels"]
        selector = ",".join(f"{name}={value}" for name, value in labels.items())
        _wait(kubectl, "pods", f"--selector={selector}", "--for=delete", seconds=_ROLLOUT_SECONDS)
    return found


def _go_on(kubectl: Kubectl, deployments: Iterable[KubeObject]) -> None:
    for named in deployments:
        live = kubectl.get_json("deployment", names=[named["metadata"]["name"]])[0]
        replicas = int(live["metadata"]["annotations"][REPLICAS])
        _patch(kubectl, named, {"metadata": {"annotations": {REPLICAS: None}}, "spec": {"replicas": replicas}})
    for named in deployments:
        name = f"deployment/{named['metadata']['name']}"
        wait = ("rollout", "status", name, f"--timeout={_ROLLOUT_SECONDS}s", "--request-timeout=0")
        kubectl.run(*wait, timeout=_ROLLOUT_SECONDS + 30)


def _patch(kubectl: Kubectl, deployment: KubeObject, patch: dict[str, Any]) -> None:
    name = f"deployment/{deployment['metadata']['name']}"
    kubectl.run("patch", name, "--type=merge", f"--patch={json.dumps(patch)}")


def _wait(kubectl: Kubectl, *what: str, seconds: int) -> None:
    kubectl.run("wait", *what, f"--timeout={seconds}s", "--request-timeout=0", timeout=seconds + 30)


def _migrate(kubectl: Kubectl, deployment: KubeObject, command: Sequence[str]) -> None:
    """Run a command once as a Deployment's own pods would run theirs."""
    job = migration_job(deployment, command)
    name = f"job/{job['metadata']['name']}"
    kubectl.run("delete", name, "--ignore-not-found", "--wait")
    kubectl.run("create", "--filename=-", stdin=json.dumps(job))
    status: dict[str, Any] = {}
    while not (status.get("succeeded") or status.get("failed")):
        time.sleep(1)
        status = kubectl.get_json(name)[0].get("status", {})
    if not status.get("succeeded"):
        log = kubectl.run("logs", name, "--tail=5")
        raise BackupError(f"the data is restored, but its schema could not be brought forward: {log}")
    kubectl.run("delete", name, "--wait=false")


def migration_job(deployment: KubeObject, command: Sequence[str]) -> KubeObject:
    """A Job that runs a command in place of the Deployment's own, with its image, settings and secrets."""
    metadata = deployment["metadata"]
    spec = json.loads(json.dumps(deployment["spec"]["template"]["spec"]))
    kept = ("name", "image", "imagePullPolicy", "env", "envFrom", "resources", "securityContext", "volumeMounts")
    first = {key: value for key, value in spec["containers"][0].items() if key in kept}
    spec |= {"containers": [first | {"command": list(command)}], "restartPolicy": "Never"}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": f"{metadata['name']}-restored", "namespace": metadata["namespace"]},
        "spec": {"backoffLimit": 0, "activeDeadlineSeconds": _MIGRATION_SECONDS, "template": {"spec": spec}},
    }
