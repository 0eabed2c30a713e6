"""Which lines of a log tell that something is wrong."""

from __future__ import annotations

import pytest
from ansible_collections.todo.platform.plugins.module_utils.live import is_wrong


@pytest.mark.parametrize(
    "line",
    [
        "Traceback (most recent call last):",
        "SyntaxError: '(' was never closed",
        "java.lang.NullPointerException: null",
        "panic: runtime error: index out of range",
        '{"level": "error", "event": "page failed"}',
        '{"event":"request failed","level":"critical"}',
    ],
)
def test_an_error_is_wrong(line: str) -> None:
    assert is_wrong(line)


@pytest.mark.parametrize(
    "line",
    [
        '{"event": "Application startup complete.", "logger": "uvicorn.error", "level": "info"}',
        '{"level": "warning", "event": "jobs wait for the database"}',
        "[notice] 1#1: start worker process 30, error_log is /dev/stderr",
        "compiled without errors",
    ],
)
def test_the_name_of_a_logger_is_not(line: str) -> None:
    assert not is_wrong(line)
