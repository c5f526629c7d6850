"""YAML read as ProtoJSON needs it."""

from typing import Any

import pytest

from tests.contracts.support import node
from wireproof.contracts.located import read_located
from wireproof.errors import MalformedFile


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("on", "on"),
        ("Yes", "Yes"),
        ("~", "~"),
        ("2027-01-31", "2027-01-31"),
        ("12:30:45", "12:30:45"),
        ("1_000", "1_000"),
        ("0x10", "0x10"),
        ("007", "007"),
        ("+1", "+1"),
        (".5", ".5"),
        ("'5'", "5"),
        ('"true"', "true"),
        ("|-\n  5", "5"),
        ("True", "True"),
        ("true", True),
        ("false", False),
        ("null", None),
        ("5", 5),
        ("-0", 0),
        ("18446744073709551615", 18446744073709551615),
        ("1.50", 1.5),
        ("1e3", 1000.0),
        ("{a: }", {"a": None}),
        ("[1, no, '2']", [1, "no", "2"]),
    ],
)
def test_a_plain_value_is_what_json_has_or_text(tmp_path, text, value):
    """YAML's own booleans, dates and numbers would change what a consumer wrote."""
    found = node(tmp_path, text).plain()
    assert (found, type(found)) == (value, type(value))


def test_values_know_where_they_stand(tmp_path):
    """Line and column, from 1, of the value and of the key that names it."""
    whole: Any = node(tmp_path, "a:\n  - b: x\n")
    inner = whole.value["a"].value[0].value["b"]
    assert (inner.line, inner.column, inner.key) == (2, 8, (2, 5))


def test_strings_can_be_replaced_everywhere(tmp_path):
    """In mappings and lists; what is no string stays."""
    changed = node(tmp_path, "{a: [x, 5], b: {c: y}}").with_strings(lambda s: str(s.value).upper())
    assert changed.plain() == {"a": ["X", 5], "b": {"c": "Y"}}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", ": it is empty"),
        ("a: 1\nb: 2\na: 3", ":3:1: a is given twice"),
        ("{[1]: 2}", ":1:2: a key must be a plain name"),
        ("a: [1", ":1:6: it is no YAML: expected ',' or ']', but got '<stream end>'"),
        (
            "a: {b: ${c}}",
            ":1:9: it is no YAML: expected ',' or '}', but got '{'"
            " (put quotes around text with ${…} in it)",
        ),
        ("a: 1\n---\nb: 2", ":2:1: it is no YAML: but found another document"),
        ("a: *b", ":1:4: it is no YAML: found undefined alias 'b'"),
        ("[" * 200 + "]" * 200, ":1:102: it nests too deep or repeats too much"),
        ("[" * 5000 + "]" * 5000, ": it nests too deep or repeats too much"),
        ("&a [*a]", ":1:1: it nests too deep or repeats too much"),
    ],
)
def test_what_cannot_be_read_is_said_in_a_sentence(tmp_path, text, said):
    """With the place, where there is one."""
    with pytest.raises(MalformedFile) as refused:
        node(tmp_path, text)
    assert str(refused.value) == f"{tmp_path / 'value.yaml'}{said}"


def test_aliases_that_multiply_are_refused(tmp_path):
    """Nine short lines can otherwise stand for a billion values."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    names = [f"*a{n}" for n in range(9)]
    lines += [f"a{n + 1}: &a{n + 1} [{', '.join([name] * 10)}]" for n, name in enumerate(names)]
    with pytest.raises(MalformedFile, match="it nests too deep or repeats too much"):
        node(tmp_path, "\n".join(lines))


def test_a_file_must_be_there_and_be_text(tmp_path):
    """Neither a missing file nor a binary one is a traceback."""
    with pytest.raises(MalformedFile, match=r"none.yaml: No such file or directory"):
        read_located(tmp_path / "none.yaml")
    (tmp_path / "bytes.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(MalformedFile, match=r"bytes.yaml: it is no UTF-8 text"):
        read_located(tmp_path / "bytes.yaml")
