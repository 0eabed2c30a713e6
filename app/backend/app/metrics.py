"""Figures for Prometheus; the worker processes of a pod add up in PROMETHEUS_MULTIPROC_DIR, which Gunicorn sets."""

import os

from fastapi import APIRouter, Request, Response
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

from app.errors import NotFoundError

REQUESTS = Histogram(
    "http_request_duration_seconds",
    "Time from a request's arrival to the end of its answer",
    ("method", "route", "status"),
    buckets=(0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
CONNECTIONS = Gauge(
    "database_connections_in_use", "Connections that requests and jobs hold", multiprocess_mode="livesum"
)
JOB_RUNS = Counter("scheduler_job_runs", "Jobs that this pod ran", ("job", "outcome"))
TOOL_CALLS = Counter("assistant_tool_calls", "Tools that assistants used", ("tool", "outcome"))
CHAT_TURNS = Histogram(
    "chat_turn_duration_seconds",
    "Time that the assistant's answers took",
    ("provider", "reason"),
    buckets=(0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120),
)
CHAT_TOKENS = Counter("chat_tokens", "Tokens that the assistant's answers took", ("provider", "kind"))

_PROXY_HEADERS = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip")

router = APIRouter(include_in_schema=False)


@router.get("/metrics")
def metrics(request: Request) -> Response:
    """The figures of all worker processes; for the cluster's own Prometheus, not for whoever comes through a proxy."""
    if any(name in request.headers for name in _PROXY_HEADERS):
        raise NotFoundError("Not Found")
    registry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)
