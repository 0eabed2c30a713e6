"""Traces, sent over OTLP where an endpoint is set. FastAPI makes the spans."""

import asyncio
from typing import TYPE_CHECKING

from app.settings import Settings

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider


class Tracing:
    """The tracer provider of a process; without an endpoint there is none, and spans cost nothing."""

    def __init__(self, settings: Settings) -> None:
        self._endpoint = settings.otel_exporter_otlp_endpoint
        self.provider = _make_provider(settings) if self._endpoint else None

    def start(self) -> None:
        """Send spans from now on: the thread that does can't be shared with the process that forked this one."""
        if self.provider:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # noqa: PLC0415
            from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

            exporter = OTLPSpanExporter(f"{self._endpoint}/v1/traces", timeout=5)
            self.provider.add_span_processor(BatchSpanProcessor(exporter))

    async def stop(self) -> None:
        """Send what is left."""
        if self.provider:
            await asyncio.to_thread(self.provider.shutdown)


def _make_provider(settings: Settings) -> "TracerProvider":
    # Slow to import, and most deployments go without.
    from opentelemetry.context import Context  # noqa: PLC0415
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
    from opentelemetry.sdk.trace import Span, SpanProcessor, TracerProvider  # noqa: PLC0415

    class WithoutPersonalData(SpanProcessor):
        """Takes out of a span what a user typed; the route tells where the request went."""

        def on_start(self, span: Span, parent_context: Context | None = None) -> None:  # noqa: ARG002
            for name in ("url.path", "url.query"):
                if name in (span.attributes or {}):
                    span.set_attribute(name, "REDACTED")

    resource = Resource.create({"service.name": settings.otel_service_name, "service.version": settings.api_version})
    provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    provider.add_span_processor(WithoutPersonalData())
    return provider
