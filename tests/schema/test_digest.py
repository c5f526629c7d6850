"""The digest of a schema: of what it declares, however it was compiled, carried and loaded."""

from __future__ import annotations

from concurrent import futures
from pathlib import Path

import grpc
import pytest
from grpc_reflection.v1alpha import reflection

from tests.cases.compiled import compiled
from tests.schema.repos import write
from wireproof.schema.reflection import schema_by_reflection
from wireproof.schema.schema import Schema
from wireproof.schema.source import load

SHOP = """syntax = "proto3";
package shop.v1;
import "buf/validate/validate.proto";
import "google/api/annotations.proto";
import "google/api/field_behavior.proto";
option java_package = "com.shop.v1";
message Get { string order_id = 1 [(google.api.field_behavior) = REQUIRED,
  (buf.validate.field).string.max_len = 9, (buf.validate.field).string.min_len = 1]; }
message Order { string order_id = 1; }
service Shop {
  rpc Fetch(Get) returns (Order) { option (google.api.http) = {get: "/v1/{order_id}"}; }
}
"""
ONE_OPTION = SHOP.replace(
    """(google.api.field_behavior) = REQUIRED,
  (buf.validate.field).string.max_len = 9, (buf.validate.field).string.min_len = 1""",
    """(buf.validate.field).string = {min_len: 1, max_len: 9},
  (google.api.field_behavior) = REQUIRED""",
)


def built(folder: Path, text: str) -> Schema:
    return load(str(write(folder, shop_proto=text)))


def by_reflection(schema: Schema) -> Schema:
    server = grpc.server(futures.ThreadPoolExecutor(1))
    reflection.enable_server_reflection(["shop.v1.Shop"], server, pool=schema.pool)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        return schema_by_reflection(f"127.0.0.1:{port}")
    finally:
        server.stop(None).wait()


def test_a_server_s_reflection_has_the_digest_of_its_build(tmp_path: Path):
    """
    So a contract, which names its schema by digest, can be held against a running server.
    """
    schema = built(tmp_path, SHOP)
    of_protoc = compiled(tmp_path, "shop.proto")
    assert by_reflection(of_protoc).digest == of_protoc.digest == schema.digest


@pytest.mark.parametrize(
    "same",
    [
        ONE_OPTION,
        SHOP.replace("package shop", "// A comment.\npackage shop"),
        SHOP.replace("string order_id = 1;", 'string order_id = 1 [json_name = "orderId"];'),
        SHOP.replace("import", 'import "google/protobuf/empty.proto";\nimport', 1),
    ],
    ids=["options in one piece", "a comment", "the default JSON name", "an unused import"],
)
def test_what_means_nothing_changes_no_digest(tmp_path: Path, same: str):
    """
    Compilers and authors are free to write the same in other words.
    """
    assert built(tmp_path / "a", SHOP).digest == built(tmp_path / "b", same).digest


@pytest.mark.parametrize(
    ("was", "now"),
    [
        ("max_len = 9", "max_len = 8"),
        ("REQUIRED", "IMMUTABLE"),
        ('"/v1/{order_id}"', '"/v2/{order_id}"'),
        ("com.shop.v1", "com.shop"),
        ("message Order { string order_id = 1; }", "message Order { string order_id = 2; }"),
    ],
)
def test_what_means_something_changes_it(tmp_path: Path, was: str, now: str):
    """
    An option is as much a part of the promise as a field.
    """
    other = SHOP.replace(was, now)
    assert built(tmp_path / "a", SHOP).digest != built(tmp_path / "b", other).digest


def test_what_is_kept_in_sources_only_does_not_count(tmp_path: Path):
    """
    No server carries it.
    """
    note = "extend google.protobuf.MessageOptions { string note = 50001 [%s]; }"
    noted = SHOP.replace(
        "message Order {",
        f'{note % "retention = RETENTION_SOURCE"} message Order {{ option (note) = "mine";',
    ).replace("import", 'import "google/protobuf/descriptor.proto";\nimport', 1)
    texts = [noted, noted.replace("mine", "yours")]
    assert texts[0] != texts[1]
    assert built(tmp_path / "a", texts[0]).digest == built(tmp_path / "b", texts[1]).digest
