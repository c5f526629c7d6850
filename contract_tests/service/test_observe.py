"""What operators see of calls: metrics, traces, logs."""

from __future__ import annotations

import asyncio
import io
import json
import urllib.request
from typing import Any

import pytest
from api.user.v1.user_bulk_pb2 import SyncUserRequest
from api.user.v1.user_event_pb2 import StreamUserEventsRequest
from api.user.v1.user_requests_pb2 import CreateUserRequest, GetUserRequest
from google.protobuf import descriptor_pool, message_factory
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from contract_tests.service.support import BEFORE, person, refused, serving
from contract_tests.service.test_wire import SECRET as INSIDE
from contract_tests.service.test_wire import BrokenStore
from contract_tests.service.tokens import HS256, SECRET, VARIABLE, bearer, token
from service.observe.logs import shown
from service.observe.tracing import Parent, parent
from service.server import Seams
from wireproof.schema.source import load

GET = GetUserRequest(user_id="u-1")
TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
SERVICE = "api.user.v1.UserService"


def value(client: Any, name: str, method: str, kind: str, **labels: str) -> float | None:
    """A metric's value."""
    of = {"grpc_service": SERVICE, "grpc_method": method, "grpc_type": kind}
    found: float | None = client.server.metrics.registry.get_sample_value(name, of | labels)
    return found


async def test_calls_are_counted_and_measured():
    """
    By method, style and status, refused ones too.
    """
    async with serving() as client:
        await client.create(user_id="u-1")
        await client.get("u-1")
        await client.get("u-1")
        await refused(client.get("nobody"))
        get = ("GetUser", "unary")
        total = "grpc_server_requests_total"
        assert value(client, total, *get, grpc_code="OK") == 2
        assert value(client, total, *get, grpc_code="NOT_FOUND") == 1
        assert value(client, "grpc_server_request_duration_seconds_count", *get) == 3
        assert value(client, "grpc_server_in_flight", *get) == 0


async def test_messages_of_streams_are_counted_as_they_go_by():
    """
    Both ways, while the stream is open.
    """
    async with serving() as client:
        call = client.users.SyncUsers()
        for _ in range(3):
            await call.write(SyncUserRequest())
            await call.read()
        sync = ("SyncUsers", "bidi_stream")
        assert value(client, "grpc_server_in_flight", *sync) == 1
        assert value(client, "grpc_server_stream_messages_received_total", *sync) == 3
        sent = "grpc_server_stream_messages_sent_total"
        assert (value(client, sent, *sync) or 0) >= 2  # the last is counted once it is written
        await call.done_writing()
        await call.code()
        assert value(client, sent, *sync) == 3
        requests = [CreateUserRequest(user=person()), CreateUserRequest()]
        await client.users.BatchCreateUsers(iter(requests))
        batch = ("BatchCreateUsers", "client_stream")
        assert value(client, "grpc_server_stream_messages_received_total", *batch) == 2
        assert value(client, "grpc_server_requests_total", *batch, grpc_code="OK") == 1
        assert value(client, "grpc_server_requests_total", *sync, grpc_code="OK") == 1


async def test_a_client_that_goes_away_is_counted_as_such():
    """
    CANCELLED, and no longer in flight.
    """
    async with serving() as client:
        call = client.users.StreamUserEvents(StreamUserEventsRequest())
        await call.initial_metadata()
        call.cancel()
        await client.server.stop(1)
        events = ("StreamUserEvents", "server_stream")
        cancelled = value(client, "grpc_server_requests_total", *events, grpc_code="CANCELLED")
        assert cancelled == 1
        assert value(client, "grpc_server_in_flight", *events) == 0


async def test_metrics_are_served_over_http():
    """
    On a port of their own, as Prometheus reads them.
    """
    async with serving(metrics_port=0) as client:
        await refused(client.get("nobody"))
        url = f"http://{client.server.metrics_address}/metrics"
        text = (await asyncio.to_thread(urllib.request.urlopen, url)).read().decode()
    assert 'grpc_code="NOT_FOUND",grpc_method="GetUser"' in text
    assert "# TYPE grpc_server_request_duration_seconds histogram" in text


@pytest.mark.parametrize(
    ("header", "found"),
    [
        (f"00-{TRACE}-{SPAN}-01", Parent(TRACE, SPAN, True)),
        (f"00-{TRACE}-{SPAN}-00", Parent(TRACE, SPAN, False)),
        (f"cc-{TRACE}-{SPAN}-01-later", Parent(TRACE, SPAN, True)),
        (f"00-{TRACE}-{SPAN}-01-later", None),
        (f"ff-{TRACE}-{SPAN}-01", None),
        (f"00-{'0' * 32}-{SPAN}-01", None),
        (f"00-{TRACE}-{'0' * 16}-01", None),
        (f"00-{TRACE.upper()}-{SPAN}-01", None),
        ("nonsense", None),
        (b"\x00", None),
        (None, None),
    ],
)
def test_traceparent_is_read_as_w3c_writes_it(header, found):
    """
    A wrong one counts as none.
    """
    assert parent(header) == found


async def test_a_sampled_call_has_a_span_below_its_callers():
    """
    With the attributes of rpc, the request's id and the status.
    """
    spans = InMemorySpanExporter()
    async with serving(seams=Seams(spans=spans)) as client:
        metadata = (("traceparent", f"00-{TRACE}-{SPAN}-01"), ("x-request-id", "r-1"))
        await refused(client.users.GetUser(GET, metadata=metadata))
    span: Any
    (span,) = spans.get_finished_spans()
    assert (span.name, span.kind) == (f"{SERVICE}/GetUser", SpanKind.SERVER)
    assert f"{span.context.trace_id:032x}" == TRACE
    assert f"{span.parent.span_id:016x}" == SPAN
    assert span.status.status_code is StatusCode.UNSET  # that nobody is there is no server's fault
    assert dict(span.attributes) == {
        "rpc.system": "grpc",
        "rpc.service": SERVICE,
        "rpc.method": "GetUser",
        "request.id": "r-1",
        "rpc.grpc.status_code": 5,
    }


async def test_streams_and_server_errors_are_traced():
    """
    In every style; INTERNAL is marked as an error.
    """
    spans = InMemorySpanExporter()
    async with serving(BrokenStore(), seams=Seams(spans=spans), trace_share=1.0) as client:
        await refused(client.users.StreamUserEvents(StreamUserEventsRequest()).read())
        await client.users.BatchCreateUsers(iter([]))
    found = {span.name.rpartition("/")[2]: span.status.status_code for span in _finished(spans)}
    assert found == {"StreamUserEvents": StatusCode.ERROR, "BatchCreateUsers": StatusCode.UNSET}
    assert INSIDE not in "".join(span.to_json() for span in _finished(spans))


def _finished(spans: InMemorySpanExporter) -> Any:
    return spans.get_finished_spans()


async def test_an_unsampled_call_does_not_touch_the_sdk(monkeypatch):
    """
    The caller's decision counts, and without one the share.
    """
    async with serving(seams=Seams(spans=InMemorySpanExporter()), trace_share=0.0) as client:
        await client.create(user_id="u-1")
        touched: list[Any] = []
        spans = client.server._parts.tracing._spans
        monkeypatch.setattr(spans, "around", lambda *args: touched.append(args))
        await client.users.GetUser(GET, metadata=(("traceparent", f"00-{TRACE}-{SPAN}-00"),))
        await client.get("u-1")
    assert touched == []


async def logged(level: str, call: Any, db: Any = "sqlite://", **options: Any) -> list[Any]:
    """The lines that a call leaves."""
    stream = io.StringIO()
    async with serving(db, log_level=level, seams=Seams(logs=stream), **options) as client:
        await call(client)
    return [json.loads(line) for line in stream.getvalue().splitlines()]


async def test_a_call_is_a_line_of_json():
    """
    Who, what, how long, how it ended; by the name that the client knows.
    """

    async def call(client: Any) -> None:
        metadata = (
            ("x-request-id", "r-1"),
            ("x-caller-id", "ada"),
            ("traceparent", f"00-{TRACE}-{SPAN}-00"),
        )
        await refused(client.users.GetUser(GET, metadata=metadata))

    (line,) = await logged("info", call)
    assert line.pop("ms") > 0
    assert line.pop("time").endswith("Z")
    assert line.pop("peer").startswith("ipv4:127.0.0.1:")
    assert line == {
        "event": "call",
        "level": "info",
        "method": f"/{SERVICE}/GetUser",
        "code": "NOT_FOUND",
        "reason": "USER_NOT_FOUND",
        "request_id": "r-1",
        "caller": "ada",
        "trace_id": TRACE,
    }


async def test_a_name_that_is_no_unicode_is_told_all_the_same(monkeypatch):
    """
    JSON escapes let a token's name hold half a character; the line is there, and is JSON.
    """
    monkeypatch.setenv(VARIABLE, SECRET)
    logs = io.StringIO()
    async with serving(auth=(HS256,), log_level="info", seams=Seams(logs=logs)) as client:
        call = client.users.GetUser(GET, metadata=bearer("half \ud800", "admin"))
        assert (await refused(call)).code == "NOT_FOUND"
    assert json.loads(logs.getvalue())["caller"] == "half \ud800"


async def test_only_the_servers_own_errors_are_told_at_the_default_level():
    """
    Warning: quiet, unless the server is at fault.
    """

    async def call(client: Any) -> None:
        await refused(client.users.StreamUserEvents(StreamUserEventsRequest()).read())
        await client.users.BatchCreateUsers(iter([]))

    (line,) = await logged("warning", call, BrokenStore())
    assert (line["level"], line["code"]) == ("error", "INTERNAL")


async def test_no_log_holds_secrets_or_what_is_personal(monkeypatch, caplog):
    """
    Not even at level debug, which shows requests: their marked fields are left out.
    """
    monkeypatch.setenv(VARIABLE, SECRET)
    mail, good, bad = "ada@example.org", token("root", "admin"), "eyJhbGciOi.bad.one"

    async def call(client: Any) -> None:
        user = CreateUserRequest(user=BEFORE)
        for proof in (bearer("root", "admin"), (("authorization", f"Bearer {bad}"),)):
            await client.users.CreateUser(user, metadata=proof).code()
        await client.users.CreateUser(user, metadata=(("authorization", f"Bearer {good}"),)).code()

    lines = await logged("debug", call, auth=(HS256,))
    assert [line["code"] for line in lines] == ["OK", "UNAUTHENTICATED", "ALREADY_EXISTS"]
    assert lines[0]["request"] == {
        "user": {
            "user_id": "u-1",
            "email": "[redacted]",
            "display_name": "[redacted]",
            "status": 3,
            "role": 3,
            "metadata": "[redacted]",
            "profile": "[redacted]",
        }
    }
    everything = json.dumps(lines) + caplog.text
    assert not [one for one in (mail, "Ada", "London", good, bad, SECRET) if one in everything]


def test_maps_lists_and_times_are_shown_as_they_are():
    """
    A log of a message reads like its JSON.
    """
    request = StreamUserEventsRequest(user_ids=["u-1", "u-2"], max_events=2)
    assert shown(request) == {"user_ids": ["u-1", "u-2"], "max_events": 2}


def test_a_class_of_personal_data_is_enough_to_hide_a_field(tmp_path):
    """
    Without debug_redact: the annotation alone says that no log shows it.
    """
    (tmp_path / "guest.proto").write_text(
        """
        syntax = "proto3";
        package hotel;
        import "wireproof/annotations/v1/annotations.proto";
        message Guest {
          string room = 1 [(wireproof.annotations.v1.field).data_class = DATA_CLASS_PUBLIC];
          string name = 2 [(wireproof.annotations.v1.field).data_class = DATA_CLASS_PERSONAL];
          Health health = 3 [(wireproof.annotations.v1.field).data_class = DATA_CLASS_SENSITIVE];
        }
        message Health { string allergies = 1; }
        """
    )
    (file,) = (f for f in load(str(tmp_path)).files if f.name == "guest.proto")
    file.DiscardUnknownFields()
    pool = descriptor_pool.Default()
    pool.AddSerializedFile(file.SerializeToString())
    guest, health = (
        message_factory.GetMessageClass(pool.FindMessageTypeByName(name))
        for name in ("hotel.Guest", "hotel.Health")
    )
    told = guest(room="7", name="Ada", health=health(allergies="nuts"))
    assert shown(told) == {"room": "7", "name": "[redacted]", "health": "[redacted]"}
