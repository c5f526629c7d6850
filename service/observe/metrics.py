"""Metrics in Prometheus' terms, and the HTTP port that tells them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server

from service.interceptors.handlers import Call, Context, Handler, wrapped
from service.observe.readings import Readings
from service.settings import UnusableSettingError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable
    from threading import Thread
    from wsgiref.simple_server import WSGIServer

    from service.current import Current, Method

LABELS = ("grpc_service", "grpc_method", "grpc_type")
BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """The metrics of one server, in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "grpc_server_requests",
            "Calls that have ended, by status.",
            (*LABELS, "grpc_code"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "grpc_server_request_duration_seconds",
            "From the call's arrival to its status.",
            LABELS,
            buckets=BUCKETS,
            registry=self.registry,
        )
        self.received = self._counter("grpc_server_stream_messages_received", "Of request streams.")
        self.sent = self._counter("grpc_server_stream_messages_sent", "Of streams of replies.")
        self.in_flight = Gauge(
            "grpc_server_in_flight", "Calls in progress.", LABELS, registry=self.registry
        )
        self.readings = Readings(self.registry)
        self._http: tuple[WSGIServer, Thread] | None = None

    def _counter(self, name: str, says: str) -> Counter:
        return Counter(name, says, LABELS, registry=self.registry)

    def of(self, method: Method) -> _OfMethod:
        """What counts and measures the calls of a method."""
        return _OfMethod(self, method)

    def serve(self, host: str, port: int) -> str:
        """Tell them over HTTP; the address."""
        try:
            self._http = start_http_server(port, host, self.registry)
        except OSError as error:
            raise UnusableSettingError("metrics_port", f"cannot listen on {port}") from error
        return f"{host}:{self._http[0].server_port}"

    def close(self) -> None:
        if self._http is not None:
            server, thread = self._http
            server.shutdown()
            server.server_close()
            thread.join()


class Counting:
    """Counts the messages of streams as they go by."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    def wrap(self, handler: Handler, method: Method) -> Handler:
        if not (method.requests_stream or method.replies_stream):
            return handler
        labels = labels_of(method)
        received = self._metrics.received.labels(*labels)
        sent = self._metrics.sent.labels(*labels)

        async def each(requests: AsyncIterator[Any]) -> AsyncIterator[Any]:
            async for request in requests:
                received.inc()
                yield request

        def counting(call: Call, handler: Handler) -> Call:
            def counted(request: Any, context: Context) -> Awaitable[Any]:
                if handler.request_streaming:
                    request = each(request)
                if handler.response_streaming:
                    context = cast("Context", _Sending(context, sent))
                return call(request, context)

            return counted

        return wrapped(handler, counting)


def labels_of(method: Method) -> tuple[str, ...]:
    return (method.service, method.name, method.style)


class _OfMethod:
    """The metrics of one method, found once: finding them costs more than counting."""

    def __init__(self, metrics: Metrics, method: Method) -> None:
        self._labels = labels_of(method)
        self._requests = metrics.requests
        self._codes: dict[str, Counter] = {}
        self._seconds = metrics.seconds.labels(*self._labels)
        self._in_flight = 0
        metrics.in_flight.labels(*self._labels).set_function(lambda: self._in_flight)

    def began(self) -> None:
        self._in_flight += 1

    def ended(self, current: Current, request: Any, seconds: float) -> None:  # noqa: ARG002
        self._in_flight -= 1
        self._seconds.observe(seconds)
        child = self._codes.get(current.code)
        if child is None:
            child = self._requests.labels(*self._labels, current.code)
            self._codes[current.code] = child
        child.inc()


class _Sending:
    def __init__(self, context: Context, sent: Any) -> None:
        self._context = context
        self._sent = sent

    def __getattr__(self, name: str) -> Any:
        return getattr(self._context, name)

    async def write(self, message: Any) -> None:
        await self._context.write(message)
        self._sent.inc()
