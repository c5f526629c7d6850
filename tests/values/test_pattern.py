"""Strings constructed from patterns, judged by Python's own `re` where both languages agree."""

from __future__ import annotations

import re

import pytest

from wireproof.values.pattern import prefixed, sample, searched, suffixed
from wireproof.values.pattern_classes import Unreadable
from wireproof.values.pattern_syntax import Alt, Chars, Rep, Seq, parse
from wireproof.values.pattern_writer import writer
from wireproof.values.source import LEAST, seeded
from wireproof.values.spans import spans

# \Z instead of $: in Python `$` lets a line break by, in RE2 it does not.
SHARED = [
    r"^abc\Z",
    r"^[a-zA-Z0-9-]{3,8}\Z",
    r"^(a|bb){2,3}\Z",
    r"^\d{4}-\d{2}(-\d{2})?\Z",
    r"^(?:[a-z]+\.)+com\Z",
    r"^[^\s/]+/[^\s/]+\Z",
    r"^\w*\W\S\D\Z",
    r"(?i)^hello world\Z",
    r"^a.c\Z",
    r"[0-9]{3}",
    r"^x|y\Z",
    r"^[\]\-^]+\Z",
    r"^\x41\u00e9?\Z".replace(r"\u00e9", "é"),
]


@pytest.mark.parametrize("pattern", SHARED)
def test_what_is_constructed_matches(pattern):
    """
    The simplest, a few drawn, and a few of a chosen length.
    """
    node = searched(pattern.replace(r"\Z", "$"))
    drawn = [sample(node, LEAST, 0, 60), *(sample(node, seeded(n), 0, 60) for n in range(20))]
    written = [writer(node)(seeded(n)) for n in range(20)]
    texts = [*filter(None, drawn), *written]
    assert texts
    assert [text for text in texts if not re.search(pattern, text, re.ASCII)] == []


@pytest.mark.parametrize(
    ("pattern", "length", "possible"),
    [("^(ab|cde)*$", 7, True), ("^(ab)*$", 7, False), ("^a{3,5}$", 6, False), ("b", 9, True)],
)
def test_a_length_is_reached_exactly_or_not_at_all(pattern, length, possible):
    """
    Rims of lengths need strings of just that length.
    """
    found = sample(searched(pattern), LEAST, length, length)
    assert (found is not None) is possible
    assert found is None or len(found) == length


def test_affixes_are_taken_from_the_pattern():
    """
    Two rules on one string are met together where they can be.
    """
    node = searched("^[a-z]+-[0-9]+$")
    assert sample(prefixed(node, "item-"), LEAST, 0, 20) == "item-0"
    assert sample(suffixed(node, "-77"), LEAST, 0, 20) == "a-77"
    assert sample(prefixed(node, "1"), LEAST, 0, 20) is None


@pytest.mark.parametrize("pattern", ["(", "[a", "a)", r"\y", r"(?=a)", "[z-a]", r"\p{Nothing}"])
def test_what_is_no_re2_is_said_to_be_so(pattern):
    """
    Look-ahead and the like are not RE2; protovalidate refuses them too.
    """
    with pytest.raises(Unreadable):
        parse(pattern)


def test_a_class_without_characters_is_written_around():
    """
    Other rules may take a class all its characters: another branch, or no repetition, is left.
    """
    nothing = Chars(spans([]))
    either = Alt((nothing, parse("b")))
    many = Seq((Rep(nothing, 0, None), parse("c")))
    none = Seq((nothing, parse("d")))
    assert [writer(node)(seeded(1)) for node in (either, many, none)] == ["b", "c", ""]
    assert sample(Rep(nothing, 0, 3), LEAST, 0, 3) == ""
