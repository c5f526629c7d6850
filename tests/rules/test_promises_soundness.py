"""The judge of the judge: where nothing is reported, no drawn message tells the versions apart."""

from __future__ import annotations

import itertools
import os
import random
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from google.protobuf.message import Message

from tests.cases.compiled import compiled
from wireproof import values
from wireproof.rules import compare
from wireproof.schema.schema import Schema

RULES = {
    "string": (
        "",
        "string = {min_len: 3, max_len: 6}",
        "string.max_bytes = 4",
        'string = {prefix: "a", suffix: "z"}',
        'string.contains = "q"',
        'string.not_contains = "a"',
        'string.pattern = "^[a-z]*$"',
        'string.pattern = "^(?:ab|cd){2,4}$"',
        'string.pattern = "a|b"',
        'string = {in: ["a", "bb", "ccc"], min_len: 2}',
        "string.email = true",
        "required = true",
    ),
    "int32": (
        "",
        "int32 = {gt: -5, lt: 5, not_in: [0]}",
        "int32 = {gte: 3, lte: 3}",
        "int32 = {gt: 5, lt: 4}",
        "int32 = {in: [1, 2, 9]}",
        "int32.const = 3",
        "required = true",
    ),
    "repeated string": (
        "",
        "repeated = {min_items: 2, unique: true}",
        "repeated.max_items = 3",
        'repeated.items.string = {in: ["a", "b"]}',
        "repeated.items.string.min_len = 2",
    ),
    "map<string, int32>": (
        "",
        "map.min_pairs = 2",
        "map = {max_pairs: 3, values: {int32: {gt: 0}}}",
        "map.keys.string.min_len = 2",
    ),
}
DRAWS = 40
SEEDS = 40 if os.environ.get("WIREPROOF_EXPLORE") else 1
HEAD = 'syntax = "proto3";\npackage t;\nimport "buf/validate/validate.proto";\nmessage E {}\n'


def _field(kind: str, rules: str) -> str:
    parts = [f"(buf.validate.field).{rules}"] if rules else []
    return f"{kind} a = 1{f' [{parts[0]}]' if parts else ''};"


def _schema(rows: list[tuple[str, str]]) -> Schema:
    body = "".join(f"message M{i} {{ {_field(*row)} }}\n" for i, row in enumerate(rows))
    rpcs = "".join(f"rpc R{i}(M{i}) returns (E);\n" for i in range(len(rows)))
    with TemporaryDirectory() as folder:
        (Path(folder) / "a.proto").write_text(f"{HEAD}{body}service S {{ {rpcs} }}\n")
        return compiled(Path(folder), "a.proto")


def _drawn(schema: Schema, name: str, seed: int) -> Iterator[Message]:
    kind = schema.message(name)
    yield from itertools.islice(values.stream(schema, kind, seed=seed), DRAWS)
    broken = values.invalid_stream(schema, kind, seed=seed)
    yield from (one.message for one in itertools.islice(broken, DRAWS))


@pytest.mark.parametrize("seed", range(SEEDS))
def test_what_is_not_reported_is_judged_alike_by_both_versions(seed: int):
    """
    Random pairs of rules, and random messages that keep or break them.
    """
    chosen = random.Random(seed)
    kinds = [chosen.choice(list(RULES)) for _ in range(25)]
    rows = [[(kind, chosen.choice(RULES[kind])) for kind in kinds] for _ in range(2)]
    old, new = _schema(rows[0]), _schema(rows[1])
    told = {(f.subject, f.id) for f in compare(old, new, engines=("wireproof",)).findings}
    missed, judged = [], 0
    for index, _ in enumerate(kinds):
        name = f"t.M{index}"
        for message in (*_drawn(old, name, seed), *_drawn(new, name, seed)):
            data = message.SerializeToString()
            was, now = (
                not values.violations(side, side.message_class(name).FromString(data))
                for side in (old, new)
            )
            rule = "VALIDATION_NARROWED" if was else "VALIDATION_WIDENED"
            judged += was != now
            if was != now and (f"{name}.a", rule) not in told:
                missed.append((rows[0][index], rows[1][index], message))
    assert missed == []
    assert judged > 0
