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

from tests.rules.random_edits import anywhere
from tools.packaged import installed_schema
from wireproof.rules import compare
from wireproof.schema.schema import Schema

EDITS = int(os.environ.get("WIREPROOF_SOUNDNESS", "240")) // 24
TRIES = 24


SMALL = (
    "googleapis-common-protos",
    "grpc-google-iam-v1",
    "grpcio-channelz",
    "grpcio-health-checking",
    "grpcio-reflection",
    "grpcio-status",
    "opentelemetry-proto",
    "protobuf",
)
LARGE = ("xds-protos", "clarifai-grpc")


real = cache(installed_schema)


def edited(schema: Schema, rng: random.Random) -> Schema | None:
    """The schema with a few random places of a few files changed; None where it does not link."""
    files = [descriptor_pb2.FileDescriptorProto.FromString(p.data) for p in schema.packed]
    own = [f for f in files if f.name in schema.own]
    for file in rng.sample(own, min(3, len(own))):
        for _ in range(rng.randint(1, 4)):
            rng.choice([_edit, anywhere])(file, rng)
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


@pytest.mark.parametrize(
    "package", [*SMALL, *(pytest.param(one, marks=pytest.mark.system) for one in LARGE)]
)
def test_any_edit_of_a_real_schema_is_told_without_a_crash(package: str):
    """
    Every difference gets words, and every finding its message and place.
    """
    compared = 0
    for seed in range(EDITS):
        rng = random.Random(seed)
        tried = (edited(real(package), rng) for _ in range(TRIES))
        new = next((one for one in tried if one is not None), None)
        if new is None:
            continue
        compared += 1
        comparison = compare(real(package), new, engines=("wireproof",))
        assert all(change.words and change.subject for change in comparison.changes), seed
        assert all(f.message and f.location for f in comparison.findings), seed
    assert compared > EDITS / 2


@pytest.mark.parametrize("package", SMALL)
def test_a_schema_breaks_nothing_of_itself(package: str):
    """
    Nothing changed, nothing found, no new version.
    """
    same = Schema(real(package).files, source="same", own=real(package).own)
    comparison = compare(real(package), same, engines=("wireproof",))
    assert (comparison.changes, comparison.findings, str(comparison.bump)) == ((), (), "none")
