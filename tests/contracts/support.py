"""A small provider to hold contracts against, and contracts written as text."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from textwrap import dedent
from typing import Any

import grpc
from google.protobuf import json_format
from grpc_reflection.v1alpha import reflection
from grpc_tools import protoc

from wireproof.contracts import Contract, read_contract
from wireproof.contracts.cel import Cel
from wireproof.contracts.located import Node, read_located
from wireproof.contracts.terms import Terms, terms_of
from wireproof.exchange import Exchange, Method, Script, Step, StepKind, method_of
from wireproof.schema.schema import Schema, schema_from_image

SHOP = """
syntax = "proto3";
package shop.v1;
import "google/protobuf/empty.proto";
import "google/protobuf/timestamp.proto";
import "google/protobuf/wrappers.proto";

service Shop {
  rpc Get(GetRequest) returns (Item);
  rpc Watch(GetRequest) returns (stream Item);
  rpc Add(stream Item) returns (Total);
  rpc Trade(stream Item) returns (stream Item);
  rpc Clear(GetRequest) returns (google.protobuf.Empty);
}
message GetRequest { string id = 1; int32 limit = 2; Part part = 3; }
message Total { int32 count = 1; }
message Item {
  string id = 1;
  int64 price = 2;
  Color color = 3;
  repeated string tags = 4;
  map<string, Part> parts = 5;
  google.protobuf.Timestamp made_at = 6;
  oneof kind { Box box = 7; string label = 8; }
  optional int32 stock = 9;
  bool sold = 10;
  repeated Part pieces = 11;
  google.protobuf.StringValue note = 12;
  uint64 serial = 13;
  map<int32, string> names = 14;
}
message Box { string side = 1; }
message Part { string name = 1; int32 size = 2; }
message Shortage { int32 missing = 1; }
enum Color { COLOR_UNSPECIFIED = 0; COLOR_RED = 1; COLOR_BLUE = 2; }
"""


@cache
def compiled(source: str = SHOP) -> Schema:
    """The schema of one proto file."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "shop.proto").write_text(source)
        image = Path(folder, "image.binpb")
        flags = ["--include_imports", f"--descriptor_set_out={image}", f"-I{folder}"]
        well_known = str(Path(protoc.__file__).parent / "_proto")
        assert protoc.main(["protoc", *flags, f"-I{well_known}", "shop.proto"]) == 0
        schema = schema_from_image(image.read_bytes(), source="shop")
    # protoc marks no imports.
    return Schema(schema.files, source="shop", own=frozenset({"shop.proto"}))


def contract(folder: Path, text: str, *, schema: str = "") -> Contract:
    """The contract of *text*, which holds the interactions."""
    head = f"consumer: till\nprovider: shop.v1.Shop\n{schema and f'schema: {schema}'}\n"
    path = folder / "contract.yaml"
    path.write_text(f"{head}interactions:\n{dedent(text)}")
    return read_contract(path)


def node(folder: Path, text: str) -> Node:
    """A value of a file."""
    path = folder / "value.yaml"
    path.write_text(text)
    return read_located(path)


@cache
def cel() -> Cel:
    return Cel(compiled())


def terms(one: Contract) -> Terms:
    return terms_of(one, compiled())


def method(name: str, schema: Schema | None = None) -> Method:
    known = (schema or compiled()).methods()
    return method_of(next(m for m in known if m.name == name))


def message(kind: str, /, schema: Schema | None = None, **fields: Any) -> Any:
    """A message of the shop, from ProtoJSON."""
    empty = (schema or compiled()).message_class(f"shop.v1.{kind}")()
    return json_format.ParseDict(fields, empty)


def exchange(
    name: str, *replies: Any, code: str = "OK", words: str = "", trailers: Any = ()
) -> Exchange:
    """What came of a call: replies, then the status."""
    steps = [Step(StepKind.RECEIVE, _bytes(reply)) for reply in replies]
    return Exchange(
        method=method(name),
        script=Script((), deadline=3.0),
        steps=(Step(StepKind.SEND), *steps, Step(StepKind.STATUS)),
        code=grpc.StatusCode[code],
        message=words,
        trailers=trailers,
    )


def _bytes(message: Any) -> bytes:
    payload: bytes = message if isinstance(message, bytes) else message.SerializeToString()
    return payload


Handler = Callable[[Iterator[bytes], Any], Iterable[bytes]]


@contextmanager
def served(*, reflects: bool = False, **handlers: Handler) -> Iterator[str]:
    """The address of a server whose methods are functions from raw requests to raw replies."""
    rows: dict[str, Any] = {
        name: grpc.stream_stream_rpc_method_handler(handler) for name, handler in handlers.items()
    }
    server = grpc.server(ThreadPoolExecutor(8), options=[("grpc.so_reuseport", 0)])
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("shop.v1.Shop", rows),))
    if reflects:
        reflection.enable_server_reflection(["shop.v1.Shop"], server, pool=compiled().pool)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(None).wait()
