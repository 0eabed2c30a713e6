"""Runs one of the cluster's programs to its end: no terminal, no shell, and a bound on the wait."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence


class ProgramError(Exception):
    """The program is not there or did not end; the text says which and what to do."""


def missing(name: str, binary: str) -> str:
    """What to say where a program is not."""
    return f"{name} is not at {binary}: run the cluster stage, or set its bin_dir"


def run(
    command: Sequence[str], environment: Mapping[str, str], *, what: str, stdin: str | None, timeout: float
) -> subprocess.CompletedProcess[str]:
    """What a command printed and how it ended. Raises ProgramError.

    `what` is how errors call it, the program first; `timeout` is in seconds.
    """
    try:
        return subprocess.run(
            command,
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            text=True,
            timeout=timeout,
            env=environment,
            check=False,
        )
    except FileNotFoundError as error:
        raise ProgramError(missing(what.split(maxsplit=1)[0], command[0])) from error
    except subprocess.TimeoutExpired as error:
        raise ProgramError(f"{what} did not end within {timeout:g} s") from error
