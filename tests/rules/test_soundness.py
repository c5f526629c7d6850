"""The engine's judge: random schemas, random edits, and messages that make the trip.

`WIREPROOF_SOUNDNESS=100000 pytest tests/rules/test_soundness.py` looks harder than the default.
"""

from __future__ import annotations

import os
import random
from collections import Counter

import pytest
from google.protobuf.message import Message

from tests.rules.messages import random_message, survives, written
from tests.rules.schemas import edited, linked, random_file
from wireproof.finding import Evidence, Finding, Severity
from wireproof.rules import compare
from wireproof.schema.schema import Schema
from wireproof.witness.told import everything

BUDGET = int(os.environ.get("WIREPROOF_SOUNDNESS", "400"))
MESSAGES = 12
CHUNKS = 4


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_what_is_not_reported_survives(chunk: int):
    """
    Where no wire finding is reported for a direction, every message makes the trip and back.
    """
    quiet: Counter[str] = Counter()
    for seed in range(chunk, BUDGET, CHUNKS):
        rng = random.Random(seed)
        pair = _pair(rng)
        if pair is None:
            continue
        old, new, edits = pair
        for mode, writer, reader in (("backward", old, new), ("forward", new, old)):
            comparison = compare(old, new, mode=mode, engines=("wireproof",))
            if any(f.severity is not Severity.INFO for f in comparison.findings):
                continue
            quiet[mode] += 1
            lost = _first_loss(writer, reader, rng)
            assert not lost, f"seed {seed}, {mode}, {edits}: {lost}"
    assert quiet["backward"] > BUDGET / CHUNKS / 20
    assert quiet["forward"] > BUDGET / CHUNKS / 20


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_what_is_proven_really_differs(chunk: int):
    """
    The bytes of a proven finding are read as something else, or refused, by the other version.
    """
    proven = 0
    for seed in range(chunk, BUDGET // 2, CHUNKS):
        pair = _pair(random.Random(seed))
        if pair is None:
            continue
        old, new, edits = pair
        for finding in compare(old, new, engines=("wireproof",)).findings:
            if finding.evidence is Evidence.PROVEN and _on_the_wire(finding):
                proven += 1
                assert _differs(finding, old, new), f"seed {seed}, {edits}: {finding}"
    assert proven > BUDGET / CHUNKS / 20


def _pair(rng: random.Random) -> tuple[Schema, Schema, str] | None:
    file = random_file(rng)
    other, edits = edited(file, rng)
    old, new = linked(file), linked(other)
    return (old, new, edits) if old and new else None


def _first_loss(writer: Schema, reader: Schema, rng: random.Random) -> str:
    for name in "ABCD":
        kind, other = writer.message_class(f"r.{name}"), reader.message_class(f"r.{name}")
        for _ in range(MESSAGES):
            message = random_message(kind.DESCRIPTOR, rng)
            data = written(message)
            if data is not None and (lost := survives(message, data, other)):
                return f"{name}: {lost}"
    return ""


def _on_the_wire(finding: Finding) -> bool:
    return bool(finding.witness and finding.witness.bytes and "." in finding.subject)


def _differs(finding: Finding, old: Schema, new: Schema) -> bool:
    witness = finding.witness
    assert witness
    if "in a field" in witness.note or witness.note:
        return bool(witness.read != witness.written)
    holder = ".".join(finding.subject.split(".")[:2])
    data = bytes.fromhex(witness.bytes)
    writer, reader = (old, new) if witness.writer == "old" else (new, old)
    if isinstance(witness.read, str):
        return True
    return _read(writer, holder, data) != _read(reader, holder, data) or _presence(
        writer.message_class(holder).FromString(data), reader.message_class(holder).FromString(data)
    )


def _read(schema: Schema, holder: str, data: bytes) -> object:
    message = schema.message_class(holder).FromString(data)
    names = {field.number: field.name for field in message.DESCRIPTOR.fields}
    return {names[number]: values for number, values in everything(message).items()}


def _presence(written: Message, read: Message) -> bool:
    return [f.name for f, _ in written.ListFields()] != [f.name for f, _ in read.ListFields()]
