"""Figures and traces, from the server as it runs."""

import asyncio
import gzip
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from httpx import AsyncClient
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from prometheus_client.parser import text_string_to_metric_families

from app.main import create_app
from tests.conftest import Caller, assert_problem, make_settings, running, sign_up
from tests.server import BACKEND, gunicorn

pytestmark = pytest.mark.anyio


def _samples(text: str) -> dict[tuple[str, ...], float]:
    """The value of each sample, by its name and the values of its labels."""
    families = text_string_to_metric_families(text)
    return {
        (sample.name, *(sample.labels[name] for name in sorted(sample.labels))): sample.value
        for family in families
        for sample in family.samples
    }


COUNT = "http_request_duration_seconds_count"


async def test_figures_of_all_workers_add_up(database_url: str, database: Any) -> None:
    environment = {"DATABASE_URL": database_url, "WEB_CONCURRENCY": "2"}
    async with gunicorn(environment) as server:
        await server.until_alive()
        caller = await sign_up(server.client, "ann@example.com")
        task = await caller.add_task()
        path = f"/tasks/{task['id']}"
        # Each connection goes to whichever worker takes it.
        for _ in range(20):
            async with AsyncClient(base_url=server.client.base_url) as once:
                await Caller(once, "", caller.access_token, "").call("GET", path)
        await server.client.request("PROPFIND", "/livez")
        samples = _samples((await server.client.get("/metrics")).text)
        assert samples[COUNT, "GET", "/api/v1/tasks/{task_id}", "200"] == 20
        assert samples[COUNT, "other", "/livez", "405"] == 1
        assert samples["database_connections_in_use",] == 0
        assert "ann@" not in str(samples)
        mapped = Path(f"/proc/{server.process.pid}/maps")
        folders = {
            line.rpartition("/")[0].split()[-1] for line in mapped.read_text().splitlines() if "/metrics-" in line
        }
    assert len(folders) == 1
    assert not [folder for folder in folders if Path(folder).exists()]


@pytest.mark.parametrize("header", ["X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Forwarded"])
async def test_figures_are_not_for_the_outside(client: AsyncClient, header: str) -> None:
    assert (await client.get("/metrics")).status_code == 200
    assert_problem(await client.get("/metrics", headers={header: "198.51.100.7"}), 404)


async def test_figures_of_other_processes_are_read(
    client: AsyncClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    script = "from app.metrics import JOB_RUNS; JOB_RUNS.labels('elsewhere', 'done').inc()"
    for _ in range(2):
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", script, cwd=BACKEND)
        assert await process.wait() == 0
    samples = _samples((await client.get("/metrics")).text)
    assert samples["scheduler_job_runs_total", "elsewhere", "done"] == 2
    # The sums are those of the folder, and this process writes elsewhere.
    assert not [name for name, *_ in samples if name == COUNT]


async def test_connections_are_counted_while_they_are_held(client: AsyncClient, app: Any, ann: Caller) -> None:
    async def held() -> float:
        return _samples((await client.get("/metrics")).text)["database_connections_in_use",]

    before = await held()
    async with app.state.database.session() as session:
        await session.connection()
        assert await held() == before + 1
    assert await held() == before


class Collector:
    """Takes OTLP over HTTP, as an OpenTelemetry collector does, and keeps what it got."""

    def __init__(self) -> None:
        self.raw: list[bytes] = []
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                assert self.path == "/v1/traces"
                collector.raw.append(body)
                self.send_response(200)
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the library's name
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def spans(self) -> list[Any]:
        requests = [ExportTraceServiceRequest.FromString(raw) for raw in self.raw]
        scopes = [scope for request in requests for spans in request.resource_spans for scope in spans.scope_spans]
        return [span for scope in scopes for span in scope.spans]

    def services(self) -> set[str]:
        requests = [ExportTraceServiceRequest.FromString(raw) for raw in self.raw]
        resources = [spans.resource for request in requests for spans in request.resource_spans]
        return {_attributes(resource)["service.name"] for resource in resources}


def _attributes(item: Any) -> dict[str, Any]:
    return {attribute.key: attribute.value.string_value for attribute in item.attributes}


@pytest.fixture
def collector() -> Iterator[Collector]:
    made = Collector()
    thread = threading.Thread(target=made.server.serve_forever)
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


async def test_requests_are_traced_where_there_is_a_collector(
    database_url: str, database: Any, collector: Collector
) -> None:
    environment = {
        "DATABASE_URL": database_url,
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
        "OTEL_SERVICE_NAME": "todo",
        "SHUTDOWN_DELAY": "0",
    }
    caller_trace = "0af7651916cd43dd8448eb211c80319c"
    async with gunicorn(environment) as server:
        await server.until_alive()
        caller = await sign_up(server.client, "ann@example.com")
        task = await caller.add_task("Buy a present for Bob")
        headers = {"traceparent": f"00-{caller_trace}-b7ad6b7169203331-01", "X-Request-ID": "from-the-proxy-1"}
        response = await caller.call("GET", f"/tasks/{task['id']}?to=ann@example.com", headers=headers)
        assert response.status_code == 200
        await server.client.get("/api/v1/unknown/ann@example.com")
        await server.client.aclose()
        server.process.terminate()
        lines = await server.output()

    # What was left was sent before the end.
    [mine] = [span for span in collector.spans() if span.trace_id.hex() == caller_trace and span.name.startswith("GET")]
    assert mine.name == "GET /api/v1/tasks/{task_id}"
    assert _attributes(mine)["app.request_id"] == "from-the-proxy-1"
    assert collector.services() == {"todo"}
    assert not [span for span in collector.spans() if "livez" in span.name]
    for personal in (b"ann@", b"present", task["id"].encode(), caller.access_token.encode()):
        assert not [raw for raw in collector.raw if personal in raw]
    [line] = [line for line in lines if line.get("request_id") == "from-the-proxy-1"]
    assert line["trace_id"] == caller_trace


async def test_a_collector_that_is_away_is_no_fault_of_ours(database_url: str, database: Any) -> None:
    settings = make_settings(database_url, otel_exporter_otlp_endpoint="http://127.0.0.1:1")
    async with running(create_app(settings)) as client:
        caller = await sign_up(client, "ann@example.com")
        assert (await caller.call("GET", "/tasks")).status_code == 200


async def test_without_a_collector_there_are_no_spans(client: AsyncClient, app: Any) -> None:
    assert app.state.tracing.provider is None
    assert (await client.get("/livez")).status_code == 200
