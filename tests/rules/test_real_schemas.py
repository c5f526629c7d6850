"""No crash on any valid image: real descriptors against copies of themselves with any part edited.

`WIREPROOF_SOUNDNESS=20000` looks harder.
"""

from __future__ import annotations

import os
import random
from functools import cache
from typing import Any

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool
from google.protobuf.message import Message

from tests.cases.compiled import bundled, compiled
from wireproof.rules import compare
from wireproof.schema.bundled import bundled_names
from wireproof.schema.schema import Schema

EDITS = int(os.environ.get("WIREPROOF_SOUNDNESS", "400")) // 4
CHUNKS = 4


@cache
def real() -> Schema:
    """Everything that googleapis-common-protos and protovalidate ship, in one schema."""
    from pathlib import Path

    shim = "google/longrunning/operations_proto.proto"
    return compiled(Path(bundled()), *sorted(bundled_names() - {shim}))


def edited(schema: Schema, rng: random.Random) -> Schema | None:
    """The schema with a few random places of a few files changed; None where it does not link."""
    files = [descriptor_pb2.FileDescriptorProto.FromString(p.data) for p in schema.packed]
    for file in rng.sample([f for f in files if f.name in schema.own], 3):
        for _ in range(rng.randint(1, 4)):
            _edit(file, rng)
    pool = descriptor_pool.DescriptorPool()
    try:
        for file in files:
            pool.Add(file)
    except (TypeError, ValueError):
        return None
    return Schema(files, source="edited", own=schema.own)


# Whatever refers to these would no longer link.
_KEPT = frozenset(
    f"google.protobuf.{name}"
    for name in (
        "FileDescriptorProto.source_code_info",
        "FileDescriptorProto.dependency",
        "FileDescriptorProto.name",
        "FileDescriptorProto.package",
        "FileDescriptorProto.syntax",
        "FileDescriptorProto.edition",
        "DescriptorProto.name",
        "EnumDescriptorProto.name",
        "FieldDescriptorProto.type_name",
        "FieldDescriptorProto.oneof_index",
        "MessageOptions.map_entry",
    )
)


def _edit(message: Any, rng: random.Random) -> None:
    """Walk down to a random place and change what is there."""
    fields = [(f, v) for f, v in message.ListFields() if f.full_name not in _KEPT]
    if not fields:
        return
    field, value = rng.choice(fields)
    if field.is_repeated and len(value):
        _edit_list(message, field, value, rng)
    elif isinstance(value, Message) and rng.random() < 0.9:
        _edit(value, rng)
    else:
        _replace(message, field, value, rng)


def _edit_list(message: Any, field: Any, value: Any, rng: random.Random) -> None:
    index = rng.randrange(len(value))
    if rng.random() < 0.1:
        del value[index]
    elif field.message_type is not None:
        _edit(value[index], rng)
    elif isinstance(value[index], str):
        value[index] = rng.choice(list(value))


def _replace(message: Any, field: Any, value: Any, rng: random.Random) -> None:
    if rng.random() < 0.2:
        message.ClearField(field.name)
    elif field.enum_type is not None:
        setattr(message, field.name, rng.choice([v.number for v in field.enum_type.values]))
    elif isinstance(value, bool):
        setattr(message, field.name, not value)
    elif isinstance(value, int):
        setattr(message, field.name, max(1, value + rng.choice([-1, 1, 300])))
    elif isinstance(value, str) and not value.startswith("."):
        setattr(message, field.name, f"{value}x")


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_any_edit_of_a_real_schema_is_told_without_a_crash(chunk: int):
    """
    Every difference gets words, and every finding its message and place.
    """
    compared = 0
    for seed in range(chunk, EDITS, CHUNKS):
        new = edited(real(), random.Random(seed))
        if new is None:
            continue
        compared += 1
        comparison = compare(real(), new, engines=("wireproof",))
        assert all(change.words and change.subject for change in comparison.changes), seed
        assert all(f.message and f.location for f in comparison.findings), seed
    assert compared > EDITS / CHUNKS / 10


def test_a_schema_breaks_nothing_of_itself():
    """
    Nothing changed, nothing found, no new version.
    """
    same = Schema(real().files, source="same", own=real().own)
    comparison = compare(real(), same, engines=("wireproof",))
    assert (comparison.changes, comparison.findings, str(comparison.bump)) == ((), (), "none")
