"""The judge of rules over whole messages: random expressions beside random rules of their fields.

Where nothing is reported of a message, both versions' validators judge all small values alike.
"""

from __future__ import annotations

import os
import random
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pytest

from tests.cases.compiled import compiled
from wireproof import values
from wireproof.rules import compare
from wireproof.schema.schema import Schema

PARTS = (
    "this.a > 0",
    "this.a >= 1",
    "this.a in [0, 1]",
    "this.b > this.a",
    "this.a < this.b",
    "this.b + this.a <= 1 * 1",
    "has(this.a) != has(this.b)",
    "has(this.s)",
    "this.s != ''",
    "size(this.s) >= 2",
    "this.s.startsWith('a')",
    "this.s.matches('^a')",
    "this.s in ['a', 'b']",
    "this.r.all(x, x > 0 && x < 2)",
    "!this.r.exists(y, y <= 0)",
    "1 in this.r",
    "!has(this.o) || this.o > 0",
    "this.d < 1.0",
    "!(this.d >= 1.0)",
)
FIELDS = {
    "int32 a": ("int32.gt = 0", "int32 = {in: [0, 1]}", "required = true"),
    "int32 b": (),
    "string s": (
        "string.min_len = 1",
        'string.pattern = "^a"',
        "string.min_len = 2, (buf.validate.field).ignore = IGNORE_IF_ZERO_VALUE",
    ),
    "repeated int32 r": ("repeated.items.int32 = {gt: 0, lt: 2}", "repeated.min_items = 1"),
    "optional int32 o": ("int32.gt = 0", "required = true"),
    "double d": ("double.lt = 1",),
}
CHOICES = ("", "", "", 'fields: ["a", "b"]', 'fields: ["a", "b"], required: true')
VALUES = tuple(
    {"a": a, "b": b, "s": s, "r": r, "d": d, **o}
    for a, b, s, r, d, o in product(
        (-1, 0, 1, 2),
        (0, 1),
        ("", "a", "b", "ab"),
        ([], [1], [0, 1], [2]),
        (0.0, 1.0, float("nan")),
        ({}, {"o": 0}, {"o": 1}),
    )
)
MESSAGES, DRAWS = 20, 200
SEEDS = 40 if os.environ.get("WIREPROOF_EXPLORE") else 1
HEAD = 'syntax = "proto3";\npackage t;\nimport "buf/validate/validate.proto";\nmessage E {}\n'


class Asked(NamedTuple):
    """What one version of a message asks for."""

    cel: tuple[str, ...]
    fields: tuple[str, ...]
    choice: str

    def message(self, name: str) -> str:
        rules = [f'.cel = {{id: "c{i}", expression: "{one}"}}' for i, one in enumerate(self.cel)]
        rules += [f".oneof = {{{self.choice}}}"] if self.choice else []
        options = "".join(f"option (buf.validate.message){one};\n" for one in rules)
        asked = (f" [(buf.validate.field).{one}]" if one else "" for one in self.fields)
        pairs = enumerate(zip(FIELDS, asked, strict=True), 1)
        fields = "".join(f"{field} = {number}{rule};\n" for number, (field, rule) in pairs)
        return f"message {name} {{\n{options}{fields}}}\n"


def _expression(chosen: random.Random, depth: int = 2) -> str:
    if depth == 0 or chosen.random() < 0.3:
        return chosen.choice(PARTS)
    one, other = (f"({_expression(chosen, depth - 1)})" for _ in range(2))
    forms = ("{0} && {1}", "{0} || {1}", "!{0}", "{0} ? {1} : true", "{0} ? false : {1}")
    return chosen.choice(forms).format(one, other)


def _asked(chosen: random.Random) -> Asked:
    cel = tuple(_expression(chosen) for _ in range(chosen.choice((0, 1, 1, 2))))
    fields = tuple(chosen.choice(("", "", "", *rules)) for rules in FIELDS.values())
    return Asked(cel, fields, chosen.choice(CHOICES))


def _changed(asked: Asked, chosen: random.Random) -> Asked:
    """The same but for a part of an expression, or for one of the rules."""
    held = [(i, part) for i, cel in enumerate(asked.cel) for part in PARTS if part in cel]
    if held and chosen.random() < 0.6:
        index, part = chosen.choice(held)
        cel = list(asked.cel)
        cel[index] = cel[index].replace(part, chosen.choice(PARTS), 1)
        return asked._replace(cel=tuple(cel))
    other = _asked(chosen)
    return asked._replace(**{(name := chosen.choice(Asked._fields)): getattr(other, name)})


def _schema(rows: list[Asked]) -> Schema:
    body = "".join(row.message(f"M{i}") for i, row in enumerate(rows))
    rpcs = "".join(f"rpc R{i}(M{i}) returns (E);\n" for i in range(len(rows)))
    with TemporaryDirectory() as folder:
        (Path(folder) / "a.proto").write_text(f"{HEAD}{body}service S {{ {rpcs} }}\n")
        return compiled(Path(folder), "a.proto")


@pytest.mark.parametrize("seed", range(SEEDS))
def test_of_what_nothing_is_reported_both_versions_judge_alike(seed: int):
    """
    However the rules are written, and wherever: a form too coarse would show here.
    """
    chosen = random.Random(seed)
    was = [_asked(chosen) for _ in range(MESSAGES)]
    now = [_changed(one, chosen) for one in was]
    old, new = _schema(was), _schema(now)
    told = {f.subject.split(".")[1] for f in compare(old, new, engines=("wireproof",)).findings}
    quiet = [index for index in range(MESSAGES) if f"M{index}" not in told]
    missed = []
    for index in quiet:
        kinds = [(side, side.message_class(f"t.M{index}")) for side in (old, new)]
        for value in chosen.sample(VALUES, DRAWS):
            both = {not values.violations(side, kind(**value)) for side, kind in kinds}
            missed += [(was[index], now[index], value)] if len(both) == 2 else []
    assert missed == []
    assert 0 < len(quiet) < MESSAGES
