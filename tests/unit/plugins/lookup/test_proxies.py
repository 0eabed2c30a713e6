"""The proxies of the environment, for builds."""

from __future__ import annotations

import pytest
from ansible_collections.todo.platform.plugins.lookup import proxies

PASSWORD = "canary-8c1e"


@pytest.fixture
def warned(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is warned of, in an environment without proxies."""
    for name in proxies._NAMES:
        monkeypatch.delenv(name, raising=False)
    warnings: list[str] = []
    monkeypatch.setattr(proxies._display, "warning", warnings.append)
    return warnings


def test_both_spellings(monkeypatch: pytest.MonkeyPatch, warned: list[str]) -> None:
    wanted = {
        "HTTPS_PROXY": "http://user@proxy:3128",
        "http_proxy": "http://127.0.0.1:3128",
        "no_proxy": ".example.com,10.0.0.0/8",
    }
    for name, value in wanted.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("FTP_PROXY", "")
    assert proxies.LookupModule().run([]) == [wanted]
    assert warned == []


def test_none(warned: list[str]) -> None:
    assert proxies.LookupModule().run([]) == [{}]
    assert warned == []


def test_a_password_is_handed_to_no_process_and_told_to_nobody(
    monkeypatch: pytest.MonkeyPatch, warned: list[str]
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://user:{PASSWORD}@proxy:3128")
    monkeypatch.setenv("NO_PROXY", "localhost")
    assert proxies.LookupModule().run([]) == [{"NO_PROXY": "localhost"}]
    [warning] = warned
    assert "HTTPS_PROXY" in warning
    assert PASSWORD not in warning
