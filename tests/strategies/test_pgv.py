"""Rules of protoc-gen-validate are generated from, as those of buf.validate are."""

from __future__ import annotations

from concurrent import futures
from typing import Any

import grpc
from google.protobuf import descriptor_pb2
from hypothesis import given, settings

from tests.schema.test_pgv import PROTOS
from tests.values.corpus import compiled
from wireproof.schema.schema import Schema
from wireproof.strategies import invalid_messages, messages
from wireproof.testing import Options, Phase, run_tests

FEW = settings(max_examples=50, deadline=None, database=None, derandomize=True)
NAME = "corpus.pgv.Account"


def legacy() -> Schema:
    """As its authors wrote it, a service added."""
    known = compiled("legacy_rules.proto", folder=PROTOS)
    files = [descriptor_pb2.FileDescriptorProto.FromString(packed.data) for packed in known.packed]
    (mine,) = (file for file in files if file.package == "corpus.pgv")
    service = mine.service.add(name="Accounts")
    service.method.add(name="Open", input_type=f".{NAME}", output_type=f".{NAME}")
    return Schema(files, source="legacy", own=frozenset({mine.name}))


def test_valid_messages_keep_the_rules():
    """
    Read off the file by hand: from 18 to below 150, a nick of three letters or none, tags of two.
    """

    @FEW
    @given(messages(NAME, schema=legacy()))
    def check(account: Any) -> None:
        assert account.age >= 18
        assert "@" in account.email
        assert not account.nick or len(account.nick) >= 3
        assert all(len(tag) >= 2 for tag in account.tags)

    check()


def test_invalid_messages_name_the_rule_that_they_break():
    """
    Under the names of buf.validate.
    """
    rules: set[str] = set()

    @settings(FEW, max_examples=200)
    @given(invalid_messages(NAME, schema=legacy()))
    def collect(broken: Any) -> None:
        rules.add(broken.rule)

    collect()
    assert {"string.email", "int32.gte_lt", "repeated.unique"} <= rules


def test_a_server_that_ignores_them_is_found():
    """
    `wireproof test` sends what breaks them, and the server takes it.
    """
    schema = legacy()
    kind: Any = schema.message_class(NAME)
    handler: Any = grpc.unary_unary_rpc_method_handler(
        lambda request, _: request, kind.FromString, lambda reply: reply.SerializeToString()
    )
    server = grpc.server(futures.ThreadPoolExecutor(2))
    service = grpc.method_handlers_generic_handler("corpus.pgv.Accounts", {"Open": handler})
    server.add_generic_rpc_handlers([service])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        phases = (Phase.EXAMPLES, Phase.COVERAGE)
        report = run_tests(f"127.0.0.1:{port}", schema, Options(phases=phases, max_calls=200))
    finally:
        server.stop(None).wait()
    subjects = {f.subject for f in report.findings if f.id == "INVALID_REQUEST_REFUSED"}
    assert "corpus.pgv.Accounts.Open: email" in subjects
    assert "corpus.pgv.Accounts.Open: age" in subjects
