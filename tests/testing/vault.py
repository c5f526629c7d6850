"""A vault of notes that belong to callers: soft deletion, etags, states, a stream of events.

Everything that the AIPs say of such a service, kept in memory; a fault is a subclass.
"""

from __future__ import annotations

import queue
import shutil
import tempfile
import threading
from collections.abc import Iterator
from concurrent import futures
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import grpc

from tests.testing.zoo import refuse
from wireproof.schema.schema import Schema
from wireproof.schema.source import load

Code = grpc.StatusCode
CALLERS = {"ada": "user", "bob": "user", "root": "admin"}
_STREAMS = ("WatchNotes",)


def bearer(name: str) -> str:
    """What proves a caller."""
    return f"authorization: Bearer {name}.proof-of-{name}"


CREDENTIALS = {"caller": bearer("ada"), "other caller": bearer("bob"), "admin": bearer("root")}


@cache
def schema() -> Schema:
    """The vault's schema, read outside this repository's own modules."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(Path(__file__).parent / "protos" / "vault.proto", folder)
        return load(folder)


class Vault:
    """Keeps notes; methods are overridden to make faults."""

    public: tuple[str, ...] = ("Ping",)
    """Methods that ask for no credentials."""

    def __init__(self) -> None:
        self.notes: dict[str, Any] = {}
        self.readers: list[queue.Queue[Any]] = []
        self.count = 0
        self.lock = threading.RLock()

    def kind(self, name: str) -> Any:
        return schema().message_class(f"vault.v1.{name}")

    # Who calls.

    def caller(self, method: str, context: Any) -> str:
        proof = dict(context.invocation_metadata()).get("authorization", "")
        name, _, secret = proof.removeprefix("Bearer ").partition(".")
        if name in CALLERS and secret == f"proof-of-{name}":
            return str(name)
        if method in self.public:
            return ""
        refuse(context, Code.UNAUTHENTICATED, "who are you?")
        return ""

    def may(self, caller: str, note: Any) -> bool:
        return CALLERS.get(caller) == "admin" or note.keeper == caller

    def found(self, id_: str, caller: str, context: Any, *, deleted: bool = False) -> Any:
        """The note, if it is there and the caller's: else nobody learns whether it exists."""
        note: Any = self.notes.get(id_)
        mine = note is not None and self.may(caller, note)
        if not mine and CALLERS.get(caller) != "admin":
            refuse(context, Code.PERMISSION_DENIED, "not yours")
        if not mine or (note.HasField("delete_time") and not deleted):
            refuse(context, Code.NOT_FOUND, "no such note")
        return note

    def check(self, text: str, context: Any) -> None:
        if not 1 <= len(text) <= 40:
            refuse(context, Code.INVALID_ARGUMENT, "text has 1 to 40 characters")

    # What they do.

    def stored(self, note: Any, event: str) -> Any:
        self.count += 1
        note.etag = f"e{self.count}"
        self.notes[note.id] = note
        told = self.kind("NoteEvent")(**{event: note})
        for reader in self.readers:
            reader.put(told)
        copy = type(note)()
        copy.CopyFrom(note)
        return copy

    def create_note(self, request: Any, context: Any, caller: str) -> Any:
        self.check(request.note.text, context)
        note = self.kind("Note")(text=request.note.text, phase=request.note.phase or 1)
        note.colour = request.note.colour
        note.id = request.note.id or f"n-{len(self.notes) + 1}"
        note.keeper = caller
        if note.id in self.notes:
            refuse(context, Code.ALREADY_EXISTS, "taken")
        if request.validate_only:
            return note
        return self.stored(note, "created")

    def get_note(self, request: Any, context: Any, caller: str) -> Any:
        return self.found(request.id, caller, context, deleted=True)

    def list_notes(self, request: Any, context: Any, caller: str) -> Any:
        if request.page_size < 0:
            refuse(context, Code.INVALID_ARGUMENT, "page_size")
        order = request.order_by.partition(" desc")
        key = order[0].strip() or "id"
        asked = f"{request.order_by}|{request.show_deleted}"
        if key not in ("id", "text", "phase", "colour", "keeper"):
            refuse(context, Code.INVALID_ARGUMENT, "order_by")
        after, _, bound = request.page_token.partition("\n")
        if request.page_token and bound != asked:
            refuse(context, Code.INVALID_ARGUMENT, "page_token")
        mine = [n for n in self.notes.values() if self.listed(n, caller, request)]
        mine.sort(key=lambda n: n.id)
        mine.sort(key=lambda n: getattr(n, key), reverse=bool(order[1]))
        return self.page(mine, after, min(request.page_size or 50, 100), asked)

    def listed(self, note: Any, caller: str, request: Any) -> bool:
        return self.may(caller, note) and (request.show_deleted or not note.HasField("delete_time"))

    def page(self, notes: list[Any], after: str, size: int, asked: str) -> Any:
        ids = [n.id for n in notes]
        start = ids.index(after) + 1 if after in ids else 0
        page = notes[start : start + size]
        more = f"{page[-1].id}\n{asked}" if start + size < len(notes) else ""
        return self.kind("ListNotesResponse")(notes=page, next_page_token=more)

    def update_note(self, request: Any, context: Any, caller: str) -> Any:
        if request.allow_missing and request.note.id not in self.notes:
            create = self.kind("CreateNoteRequest")(note=request.note)
            return self.create_note(create, context, caller)
        old = self.found(request.note.id, caller, context)
        new = type(old)()
        new.CopyFrom(old)
        paths = list(request.update_mask.paths) or [f.name for f, _ in request.note.ListFields()]
        for path in self.kind("Note").DESCRIPTOR.fields_by_name if paths == ["*"] else paths:
            if path not in new.DESCRIPTOR.fields_by_name:
                refuse(context, Code.INVALID_ARGUMENT, f"update_mask names {path}")
            if path not in ("id", "keeper", "etag", "delete_time"):
                setattr(new, path, getattr(request.note, path))
        new.phase = new.phase or 1
        self.check(new.text, context)
        self.transit(old, new, context)
        if request.note.etag and request.note.etag != old.etag:
            refuse(context, Code.ABORTED, "etag")
        if request.validate_only:
            return new
        return self.stored(new, "updated")

    def transit(self, old: Any, new: Any, context: Any) -> None:
        if new.phase != old.phase and (new.phase == 3 or (new.phase == 2 and old.phase != 1)):
            refuse(context, Code.FAILED_PRECONDITION, "no such transition")

    def delete_note(self, request: Any, context: Any, caller: str) -> Any:
        if request.allow_missing and request.id not in self.notes:
            return self.kind("Note")()
        note = self.found(request.id, caller, context)
        if request.etag and request.etag != note.etag:
            refuse(context, Code.ABORTED, "etag")
        note.delete_time.seconds = 1
        return self.stored(note, "deleted")

    def undelete_note(self, request: Any, context: Any, caller: str) -> Any:
        note = self.found(request.id, caller, context, deleted=True)
        if not note.HasField("delete_time"):
            refuse(context, Code.ALREADY_EXISTS, "not deleted")
        note.ClearField("delete_time")
        return self.stored(note, "updated")

    def watch_notes(self, request: Any, context: Any, caller: str) -> Iterator[Any]:
        del request
        reader: queue.Queue[Any] = queue.Queue()
        self.readers.append(reader)
        context.add_callback(lambda: reader.put(None))
        context.send_initial_metadata(())
        while (event := reader.get()) is not None:
            if self.may(caller, getattr(event, event.WhichOneof("event"))):
                yield event

    def ping(self, request: Any, context: Any, caller: str) -> Any:
        del request, context, caller
        return self.kind("PingReply")(words="pong")


@contextmanager
def open_vault(kind: type[Vault] = Vault) -> Iterator[tuple[str, Schema]]:
    """The address of a vault, and its schema."""
    vault = kind()
    methods = {m.name: m for m in schema().methods()}
    handlers = {name: _handler(vault, name, method) for name, method in methods.items()}
    server = grpc.server(futures.ThreadPoolExecutor(8))
    server.add_generic_rpc_handlers(
        [grpc.method_handlers_generic_handler("vault.v1.Vault", handlers)]
    )
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}", schema()
    finally:
        server.stop(None).wait()


def _handler(vault: Vault, name: str, method: Any) -> Any:
    do = getattr(vault, "".join(f"_{c.lower()}" if c.isupper() else c for c in name).lstrip("_"))
    takes = schema().message_class(method.input_type.full_name)

    def unary(request: Any, context: Any) -> Any:
        caller = vault.caller(name, context)
        with vault.lock:
            return do(request, context, caller)

    def stream(request: Any, context: Any) -> Any:
        yield from do(request, context, vault.caller(name, context))

    make = (
        grpc.unary_stream_rpc_method_handler
        if name in _STREAMS
        else grpc.unary_unary_rpc_method_handler
    )
    return make(
        stream if name in _STREAMS else unary,
        request_deserializer=takes.FromString,
        response_serializer=lambda reply: reply.SerializeToString(),
    )
