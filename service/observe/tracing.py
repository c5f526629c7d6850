"""Traces: OpenTelemetry spans of the calls that are sampled, and next to nothing of the others.

Whether a call is sampled is decided from its W3C `traceparent`, or by lot where it has none, before
OpenTelemetry is touched: its SDK costs most of what it costs on unsampled calls too.
"""

from __future__ import annotations

import random
import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from service.current import CURRENT
from service.interceptors.handlers import Call, Context, Handler, wrapped
from service.interceptors.recovery import CODES
from service.settings import UnusableSettingError

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from opentelemetry.sdk.trace.export import SpanExporter

    from service.current import Current, Method
    from service.settings import Settings

T = TypeVar("T")

TRACEPARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
SERVERS_FAULT = {"UNKNOWN", "DEADLINE_EXCEEDED", "UNIMPLEMENTED", "INTERNAL", "UNAVAILABLE"}
NUMBERS = {code.name: number for number, code in CODES.items()}


@dataclass(frozen=True, slots=True)
class Parent:
    """The caller's span (W3C Trace Context, level 1)."""

    trace_id: str
    span_id: str
    sampled: bool


def parent(header: str | bytes | None) -> Parent | None:
    """What `traceparent` says; None where it is missing or wrong, which are treated alike."""
    found = TRACEPARENT.fullmatch(header) if isinstance(header, str) else None
    if found is None:
        return None
    version, trace_id, span_id, flags, more = found.groups()
    if version == "ff" or (version == "00" and more):
        return None
    if not (trace_id.strip("0") and span_id.strip("0")):
        return None
    return Parent(trace_id, span_id, bool(int(flags, 16) & 1))


class Tracing:
    """A span a sampled call, around everything that is done for it."""

    def __init__(self, settings: Settings, exporter: SpanExporter | None = None) -> None:
        exporter = exporter or _exporter(settings.trace_to)
        self._share = settings.trace_share
        self._spans = _Spans(exporter) if exporter else None

    def wrap(self, handler: Handler, method: Method) -> Handler:
        return handler if method.public else wrapped(handler, self._tracing)

    def close(self) -> None:
        """Send what is left."""
        if self._spans is not None:
            self._spans.close()

    def _tracing(self, call: Call, handler: Handler) -> Call:  # noqa: ARG002
        spans, share = self._spans, self._share

        def traced(request: Any, context: Context) -> Awaitable[Any]:
            current = CURRENT.get()
            assert current is not None, "Naming is an outer layer"
            caller = parent(current.metadata.get("traceparent"))
            sampled = caller.sampled if caller else random.random() < share  # noqa: S311
            if caller:
                current.trace_id = caller.trace_id
            if spans is None or not sampled:
                return call(request, context)
            return in_span(spans.around(current, caller), call(request, context))

        return traced


async def in_span(span: _Around, awaitable: Awaitable[T]) -> T:
    with span:
        return await awaitable


class _Spans:
    """OpenTelemetry, imported by whoever traces."""

    def __init__(self, exporter: SpanExporter) -> None:
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
        from opentelemetry.sdk.trace.sampling import ALWAYS_ON

        resource = Resource.create({"service.name": "user-service"})
        self._provider = TracerProvider(sampler=ALWAYS_ON, resource=resource)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("service")

    def close(self) -> None:
        self._provider.shutdown()

    def around(self, current: Current, caller: Parent | None) -> _Around:
        from opentelemetry import trace

        method = current.method
        span = self._tracer.start_span(
            f"{method.service}/{method.name}",
            context=_context(caller, current) if caller else None,
            kind=trace.SpanKind.SERVER,
            attributes={
                "rpc.system": "grpc",
                "rpc.service": method.service,
                "rpc.method": method.name,
                "request.id": current.request_id,
            },
        )
        current.trace_id = f"{span.get_span_context().trace_id:032x}"
        return _Around(span, current)


class _Around:
    """The span as the current one, ended with the call's status."""

    def __init__(self, span: Any, current: Current) -> None:
        from opentelemetry import context, trace

        self._span = span
        self._current = current
        self._contexts = context
        self._status = trace.StatusCode
        self._in_span = trace.set_span_in_context(span)
        self._token: Any = None

    def __enter__(self) -> None:
        self._token = self._contexts.attach(self._in_span)

    def __exit__(self, *_: object) -> None:
        self._contexts.detach(self._token)
        code = self._current.code
        self._span.set_attribute("rpc.grpc.status_code", NUMBERS[code])
        if code in SERVERS_FAULT:
            self._span.set_status(self._status.ERROR, self._current.reason)
        self._span.end()


def _context(caller: Parent, current: Current) -> Any:
    from opentelemetry import trace

    state = trace.TraceState.from_header([str(current.metadata.get("tracestate", ""))])
    remote = trace.SpanContext(
        int(caller.trace_id, 16),
        int(caller.span_id, 16),
        is_remote=True,
        trace_flags=trace.TraceFlags(trace.TraceFlags.SAMPLED),
        trace_state=state,
    )
    return trace.set_span_in_context(trace.NonRecordingSpan(remote))


def _exporter(target: str) -> SpanExporter | None:
    if not target:
        return None
    if target == "console":
        from opentelemetry.sdk.trace.export import ConsoleSpanExporter

        return ConsoleSpanExporter(out=sys.stderr)
    if target.startswith(("http://", "https://")):
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        return OTLPSpanExporter(endpoint=target)
    raise UnusableSettingError("trace_to", f"{target!r} is neither console nor a URL")
