"""The service: turns over HTTP, with a real MCP server behind it."""

import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest

from agent.backend import ApiRequest, BackendClient
from agent.events import EVENT, Event
from agent.main import MAXIMUM_BODY_BYTES, create_app
from agent.settings import AgentSettings
from agent.turn import Turn, TurnMessage

from .recorder import CONVERSATION, Recorder
from .serving import serve
from .standins import KEY, Call, StandIn, Step
from .test_providers import settings
from .tool_server import ToolServer
from .world import World

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 3, 11, 9, tzinfo=UTC)
TOKEN = "ann-canary-98765"


@pytest.fixture
async def tools() -> AsyncIterator[tuple[ToolServer, str]]:
    server = ToolServer({TOKEN: World(NOW)})
    async with serve(server.app, lifespan=True) as url:
        yield server, url


async def _events(client: httpx2.AsyncClient, turn: Turn, token: str = TOKEN) -> AsyncIterator[Event]:
    headers = {"Authorization": f"Bearer {token}"}
    async with client.stream("POST", "/v1/turns", content=turn.model_dump_json(), headers=headers) as response:
        assert response.status_code == 200
        assert response.headers["content-type"].startswith("text/event-stream")
        kind = ""
        async for line in response.aiter_lines():
            name, _, value = line.partition(": ")
            if name == "event":
                kind = value
            elif name == "data":
                event = EVENT.validate_json(value)
                assert event.type == kind
                yield event


def _settings(tools_url: str, **more: Any) -> AgentSettings:
    return AgentSettings.model_validate({"agent_provider": "rules", "backend_url": tools_url, **more})


def _service(settings: AgentSettings) -> Any:
    assert settings.mcp_url
    # Without a slash at the end a mounted application redirects, which the real one does not.
    return create_app(settings.model_copy(update={"mcp_server_host": f"{settings.mcp_url}/"}))


async def test_a_conversation_over_http(tools: tuple[ToolServer, str], capfd: pytest.CaptureFixture[str]) -> None:
    server, url = tools
    world = server.worlds[TOKEN]
    recorder = Recorder(NOW)
    async with serve(_service(_settings(url)), lifespan=True) as base, httpx2.AsyncClient(base_url=base) as client:
        recorder.say("add buy a secret present tomorrow")
        await recorder.record(_events(client, recorder.turn()))
        assert recorder.reason == "answered"
        assert [task["title"] for task in world.tasks.values()] == ["Buy a secret present"]
        recorder.say("delete the present")
        await recorder.record(_events(client, recorder.turn()))
        assert recorder.reason == "confirmation"
        assert world.tasks
        (question,) = recorder.confirmations
        await recorder.record(_events(client, recorder.turn({question.id: True})))
        assert recorder.reason == "answered"
        assert not world.tasks
    lines = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    turns = [line for line in lines if line["event"] == "turn"]
    assert [turn["reason"] for turn in turns] == ["answered", "confirmation", "answered"]
    assert {turn["conversation_id"] for turn in turns} == {str(CONVERSATION)}
    assert all(word not in json.dumps(lines) for word in (TOKEN, "present"))


async def test_a_model_behind_the_service(tools: tuple[ToolServer, str], capfd: pytest.CaptureFixture[str]) -> None:
    server, url = tools
    recorder = Recorder(NOW)
    async with StandIn().serve() as provider:
        provider.scripts["hello"] = [
            Step("One moment. ", (Call("c1", "add_task", {"title": "x"}),)),
            Step("Half an ans", fault="broken"),
        ]
        made = settings("openai", provider.url, backend_url=url)
        async with serve(_service(made), lifespan=True) as base, httpx2.AsyncClient(base_url=base) as client:
            recorder.say("hello")
            await recorder.record(_events(client, recorder.turn()))
    assert recorder.failure
    assert recorder.failure.code == "stream_cut"
    assert recorder.text.startswith("One moment. ")
    assert len(server.worlds[TOKEN].tasks) == 1
    assert all(secret not in capfd.readouterr().out for secret in (KEY, TOKEN, "moment"))


async def test_no_model_is_asked_for_a_stranger(tools: tuple[ToolServer, str]) -> None:
    recorder = Recorder(NOW)
    async with StandIn().serve() as provider:
        made = settings("anthropic", provider.url, backend_url=tools[1])
        async with serve(_service(made), lifespan=True) as base, httpx2.AsyncClient(base_url=base) as client:
            recorder.say("hello")
            await recorder.record(_events(client, recorder.turn(), "somebody"))
        assert not provider.requests
    assert recorder.failure
    assert (recorder.failure.code, recorder.failure.retryable) == ("not_authorized", False)


async def test_the_tools_are_away() -> None:
    recorder = Recorder(NOW)
    async with (
        serve(create_app(_settings("http://127.0.0.1:9")), lifespan=True) as base,
        httpx2.AsyncClient(base_url=base) as client,
    ):
        recorder.say("list my tasks")
        await recorder.record(_events(client, recorder.turn()))
    assert recorder.failure
    assert (recorder.failure.code, recorder.failure.retryable) == ("tools_unavailable", True)


@pytest.fixture
async def client(tools: tuple[ToolServer, str]) -> AsyncIterator[httpx2.AsyncClient]:
    async with serve(_service(_settings(tools[1])), lifespan=True) as base, httpx2.AsyncClient(base_url=base) as found:
        yield found


async def test_what_is_no_turn_is_refused(client: httpx2.AsyncClient) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    turn = Turn(conversation_id=CONVERSATION, messages=[TurnMessage(role="user", content="hello")], now=NOW)
    assert (await client.post("/v1/turns", content=turn.model_dump_json())).status_code == 401
    basic = {"Authorization": "Basic abc"}
    assert (await client.post("/v1/turns", content=turn.model_dump_json(), headers=basic)).status_code == 401
    wrong = await client.post("/v1/turns", content='{"messages": [{"role": "root"}]}', headers=headers)
    assert wrong.status_code == 422
    assert "body.messages.0.role" in wrong.json()["detail"]
    no_zone = turn.model_dump(mode="json") | {"time_zone": "Atlantis"}
    assert (await client.post("/v1/turns", json=no_zone, headers=headers)).status_code == 422
    large = b'"' + b"x" * MAXIMUM_BODY_BYTES + b'"'
    assert (await client.post("/v1/turns", content=large, headers=headers)).status_code == 413
    assert (await client.get("/v1/turns")).status_code == 405


async def test_probes_and_health(client: httpx2.AsyncClient, tools: tuple[ToolServer, str]) -> None:
    for path in ("/livez", "/readyz", "/startupz"):
        assert (await client.get(path)).json() == {"status": "ok"}
    plain = (await client.get("/health")).json()
    assert plain == {"status": "healthy", "agent": "Todo assistant", "provider": "rules"}
    deep = (await client.get("/health?deep=true")).json()
    assert deep == {**plain, "rules": "available", "backend": "connected"}
    tools[0].healthy = False
    assert (await client.get("/health")).status_code == 200
    away = await client.get("/health?deep=true")
    assert (away.status_code, away.json()["backend"]) == (503, "error: HTTP 503")


async def test_requests_to_the_backend(tools: tuple[ToolServer, str]) -> None:
    backend = BackendClient(tools[1])
    response = await backend.send(ApiRequest(method="GET", url="/health", headers={"X-Request-ID": "1"}))
    assert (response.status_code, response.body) == (200, {"status": "healthy"})
    assert response.headers["content-type"] == "application/json"
    await backend.aclose()
    nobody = BackendClient("http://127.0.0.1:9")
    assert await nobody.failure() == "ConnectError"
    await nobody.aclose()


def _python(code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("AGENT", "OPENAI", "ANTHROPIC"))}
    return subprocess.run(  # noqa: S603  # its own interpreter
        [sys.executable, "-c", code],
        env=clean | environment,
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_says_what_is_missing_and_shows_no_secret() -> None:
    missing = _python("from agent.main import app")
    assert missing.returncode
    assert missing.stderr == "MCP_SERVER_HOST or BACKEND_URL: one of them must say where the tools are\n"
    wrong = _python("from agent.main import app", AGENT_PROVIDER=KEY, BACKEND_URL="nowhere")
    assert wrong.returncode
    assert "BACKEND_URL: " in wrong.stderr
    assert "AGENT_PROVIDER: " in wrong.stderr
    assert KEY not in wrong.stderr


def test_no_sdk_is_loaded_that_is_not_used() -> None:
    code = (
        "import sys; from agent.assistant import make_assistant; from agent.settings import AgentSettings\n"
        "make_assistant(AgentSettings())\n"
        "print({'openai', 'agents', 'anthropic', 'mcp', 'httpx2'} & sys.modules.keys())"
    )
    assert _python(code).stdout == "set()\n"


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ({"backend_url": "http://todo-backend:8000"}, "http://todo-backend:8000/mcp"),
        ({"backend_url": "http://todo-backend:8000/"}, "http://todo-backend:8000/mcp"),
        ({"mcp_server_host": "todo-backend"}, "http://todo-backend:8000/mcp"),
        ({"mcp_server_host": "todo-backend:80", "backend_url": "http://x"}, "http://todo-backend:80/mcp"),
        ({"mcp_server_host": "https://tools.example/mcp/v2"}, "https://tools.example/mcp/v2"),
        ({"mcp_server_host": "https://tools.example"}, "https://tools.example/mcp"),
        ({}, None),
    ],
)
def test_where_the_tools_are(given: dict[str, str], url: str | None) -> None:
    assert AgentSettings.model_validate(given).mcp_url == url


@pytest.mark.parametrize(
    ("given", "provider"),
    [
        ({}, "rules"),
        ({"openai_api_key": ""}, "rules"),
        ({"openai_api_key": "x", "anthropic_api_key": "y"}, "openai"),
        ({"anthropic_api_key": "y"}, "anthropic"),
        ({"openai_base_url": "http://ollama:11434/v1"}, "compatible"),
        ({"agent_provider": "rules", "openai_api_key": "x"}, "rules"),
    ],
)
def test_who_answers(given: dict[str, str], provider: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AGENT_PROVIDER", "OPENAI_API_KEY", "OPENAI_BASE_URL", "ANTHROPIC_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name.upper(), value)
    settings = AgentSettings()
    assert settings.provider == provider
    assert "secret" not in repr(settings).replace("SecretStr('**********')", "")


async def test_every_variable_of_its_document_does_what_it_names(
    tools: tuple[ToolServer, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = {"AGENT_NAME": "Todo agent", "BACKEND_URL": tools[1], "MCP_SERVER_HOST": f"{tools[1]}/mcp/"}
    for name in ("AGENT_PROVIDER", "OPENAI_API_KEY", "OPENAI_BASE_URL", "ANTHROPIC_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    for changed, agent, backend, reason in (
        ({}, "Todo agent", "connected", "answered"),
        ({"AGENT_NAME": "Jeeves"}, "Jeeves", "connected", "answered"),
        ({"BACKEND_URL": "http://127.0.0.1:9"}, "Todo agent", "error: ConnectError", "answered"),
        ({"MCP_SERVER_HOST": "127.0.0.1:9"}, "Todo agent", "connected", "error"),
    ):
        for name, value in {**usual, **changed}.items():
            monkeypatch.setenv(name, value)
        recorder = Recorder(NOW)
        async with serve(create_app(), lifespan=True) as base, httpx2.AsyncClient(base_url=base) as client:
            health = (await client.get("/health?deep=true")).json()
            recorder.say("list my tasks")
            await recorder.record(_events(client, recorder.turn()))
        assert (health["agent"], health["provider"], health["backend"]) == (agent, "rules", backend)
        assert recorder.reason == reason
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    async with serve(create_app(), lifespan=True) as base, httpx2.AsyncClient(base_url=base) as client:
        assert (await client.get("/health")).json()["provider"] == "openai"
