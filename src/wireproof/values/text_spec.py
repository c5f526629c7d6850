"""What the rules of a string or bytes field ask for, as a tree of the texts that they allow."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from wireproof.schema.constraints import FieldConstraints, formats_of
from wireproof.values.formats import FORMATS, OCTETS, Format, header_format
from wireproof.values.pattern import literal, prefixed, searched, suffixed
from wireproof.values.pattern_classes import Unreadable
from wireproof.values.pattern_syntax import Alt, Chars, Node, Rep, Seq
from wireproof.values.source import ASCII, UNICODE
from wireproof.values.spans import Spans, chars, spans

LONGEST = 2**20
"""No longer string is built: gRPC takes messages of 4 MiB by default."""
USUAL = 48
"""How far a text without an upper bound goes beyond its lower one, when it is drawn."""


@dataclass(frozen=True, slots=True)
class Spec:
    """What the rules ask of a text; lengths in characters, and in bytes of UTF-8."""

    low: int = 0
    high: int | None = None
    byte_low: int = 0
    byte_high: int | None = None
    pattern: str | None = None
    prefix: str = ""
    suffix: str = ""
    contains: str = ""
    not_contains: str = ""
    const: str | None = None
    listed: tuple[str, ...] = ()
    not_in: tuple[str, ...] = ()
    format: Format | None = None
    alphabet: Spans = UNICODE


def spec_of(rules: FieldConstraints, text: Callable[[Any], str]) -> Spec:
    exact, exact_bytes = rules.rule("len"), rules.rule("len_bytes")
    return Spec(
        low=exact if exact is not None else rules.rule("min_len", 0),
        high=exact if exact is not None else rules.rule("max_len"),
        byte_low=exact_bytes if exact_bytes is not None else rules.rule("min_bytes", 0),
        byte_high=exact_bytes if exact_bytes is not None else rules.rule("max_bytes"),
        pattern=_readable(rules.rule("pattern")),
        prefix=text(rules.rule("prefix", "")),
        suffix=text(rules.rule("suffix", "")),
        contains=text(rules.rule("contains", "")),
        not_contains=text(rules.rule("not_contains", "")),
        const=None if rules.rule("const") is None else text(rules.rule("const")),
        listed=tuple(map(text, rules.rule("in", ()))),
        not_in=tuple(map(text, rules.rule("not_in", ()))),
        format=_format(rules),
    )


def _readable(pattern: str | None) -> str | None:
    """*pattern*, unless it is no RE2: then only the other rules are aimed for."""
    if pattern is not None:
        try:
            searched(pattern)
        except Unreadable:
            return None
    return pattern


def _format(rules: FieldConstraints) -> Format | None:
    name = next((n for n in rules.names() if n in formats_of(rules) and rules.rule(n)), "")
    name = name or header_format(rules.rule("well_known_regex", 0))
    if rules.kind == "bytes" and name in OCTETS:
        sizes = OCTETS[name]
        choices = "|".join(f".{{{size}}}" for size in sizes)
        zeros = tuple("\0" * size for size in sizes)
        return Format(f"(?s)^({choices})$", zeros, (*("\0" * (size + 1) for size in sizes), "\0"))
    return FORMATS.get(name)


def limits(spec: Spec) -> tuple[int, int]:
    """The least and most characters, where each is one byte."""
    low = max(spec.low, spec.byte_low)
    highs = [high for high in (spec.high, spec.byte_high) if high is not None]
    return min(low, LONGEST), min([*highs, LONGEST])


def soft(spec: Spec, low: int, high: int) -> int:
    """A high end for what is drawn at random: most texts are short."""
    return min(high, max(low + USUAL, 2 * low)) if spec.high is None else min(high, low + 4 * USUAL)


@lru_cache(maxsize=1024)
def node_of(spec: Spec) -> Node:
    """The tree of the strings that *spec* allows, but for lengths and lists."""
    written = spec.pattern if spec.pattern is not None else spec.format and spec.format.pattern
    alphabet = spec.alphabet - chars(spec.not_contains[:1])
    if spec.byte_low or spec.byte_high is not None:
        alphabet &= ASCII
    fill = Rep(Chars(alphabet), 0, None)
    node = within(searched(written), alphabet) if written is not None else fill
    if spec.contains and written is None:
        node = Seq((fill, literal(spec.contains), fill))
    elif spec.contains:
        node = Alt(
            (
                prefixed(node, spec.prefix + spec.contains),
                suffixed(node, spec.contains + spec.suffix),
                node,
            )
        )
    node = suffixed(node, spec.suffix) if spec.suffix else node
    return prefixed(node, spec.prefix) if spec.prefix else node


def within(node: Node, alphabet: Spans) -> Node:
    """*node* with every class narrowed to *alphabet*."""
    if isinstance(node, Chars):
        return Chars(node.alphabet & alphabet)
    if isinstance(node, Alt):
        return Alt(tuple(within(branch, alphabet) for branch in node.branches))
    if isinstance(node, Seq):
        return Seq(tuple(within(part, alphabet) for part in node.parts))
    return Rep(within(node.node, alphabet), node.low, node.high) if isinstance(node, Rep) else node


def alphabet_of(node: Node) -> Spans:
    """Every character that can stand somewhere in *node*."""
    if isinstance(node, Chars):
        return node.alphabet
    if isinstance(node, Rep):
        return alphabet_of(node.node)
    found = spans(())
    for part in node.branches if isinstance(node, Alt) else getattr(node, "parts", ()):
        found |= alphabet_of(part)
    return found
