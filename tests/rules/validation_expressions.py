"""Rules that CEL says: of a field, of a kind of field, and beside the rules that have a name."""

from __future__ import annotations

from tests.rules.validation_row import NARROWED, SAME, WIDENED, Row

ROWS: tuple[Row, ...] = (
    # rules that expressions say
    ("int32", "int32.gt = 0", 'cel = {id: "c", expression: "this > 0"}', SAME),
    ("uint32", 'cel = {id: "c", expression: "3u >= this"}', "uint32.lte = 3", SAME),
    ("string", "string.min_len = 1", 'cel = {id: "c", expression: "this.size() > 0"}', SAME),
    ("string", "string.email = true", 'cel = {id: "c", expression: "this.isEmail()"}', SAME),
    ("string", "string.max_len = 3", 'cel = {id: "c", expression: "this.size() < 3"}', NARROWED),
    (
        "string",
        'string = {in: ["a", "b"]}',
        "cel = {id: 'c', expression: 'this in [\"b\", \"a\"]'}",
        SAME,
    ),
    (
        "repeated string",
        "repeated.min_items = 1",
        'cel = {id: "c", expression: "size(this) > 0"}',
        SAME,
    ),
    # CEL of a field
    (
        "int32",
        'cel = {id: "a", expression: "this > 3"}',
        'cel = {id: "a", expression: "this > 4"}',
        NARROWED,
    ),
    (
        "int32",
        'cel = {id: "a", expression: "this > 3"}',
        'cel = {id: "b", message: "m", expression: "this>3"}',
        SAME,
    ),
    ("int32", "", 'cel = {id: "a", expression: "this % 7 == 0"}', NARROWED),
    ("string", "", 'cel = {id: "a", expression: "this.startsWith(\'ab\')"}', NARROWED),
    ("string", 'cel = {id: "a", expression: "this.startsWith(\'ab\')"}', "", WIDENED),
    ("Part", "", 'cel = {id: "a", expression: "this.from <= this.to"}', NARROWED),
    ("repeated int32", "", 'cel = {id: "a", expression: "this.all(x, x > 2)"}', NARROWED),
    # predefined rules
    ("int32", "int32.(even) = true", "", WIDENED),
    ("int32", "", "int32.(even) = true", NARROWED),
    ("int32", "int32.(least) = 4", "int32.(least) = 5", NARROWED),
)
