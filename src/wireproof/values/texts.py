"""Strings and bytes under length, pattern, affix, list and format rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from random import Random

from wireproof.schema.constraints import FieldConstraints, formats_of
from wireproof.values.domain import Edge
from wireproof.values.formats import FORMATS, OCTETS, Format, header_format
from wireproof.values.pattern import REACH, literal, prefixed, sample, searched, suffixed
from wireproof.values.pattern_syntax import Alt, Chars, Node, Rep, Seq, Unreadable
from wireproof.values.source import ASCII, LEAST, UNICODE, Seeded, Source, letters
from wireproof.values.spans import Spans, chars, spans

LATIN_1 = spans([(0, 0xFF)])
LONGEST = 2**20
"""No longer string is built: gRPC takes messages of 4 MiB by default."""
_USUAL = 48
_SNIPPETS = (
    (" ", "a blank"),
    ("é", "an accent"),
    ("漢字", "CJK"),
    ("😀", "an astral character"),
    ("e\u0301", "a combining mark"),
    ("ש\u202eע", "right to left"),
    ("\0", "NUL"),
    ("\n", "a line break"),
    ("'\";--", "quotes"),
    ("<b>&amp;%s{}", "markup"),
    ("../..", "a path"),
    ("İß", "case folding"),
)


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


@dataclass(frozen=True, slots=True)
class Text:
    """Strings."""

    spec: Spec

    def pick(self, source: Source) -> str:
        spec = self.spec
        if spec.const is not None:
            return spec.const
        if spec.listed:
            return spec.listed[source.integer(0, len(spec.listed) - 1, 0)]
        low, high = _limits(spec)
        found = sample(_node(spec), source, low, _soft(spec, low, high))
        if found is None:
            found = sample(_node(spec), source, low, high)
        if found is None or found in spec.not_in:
            found = next((text for _, text in self.edges() if text not in spec.not_in), "")
        return found

    def edges(self) -> Iterator[Edge]:
        spec = self.spec
        if spec.const is not None:
            yield "the constant", spec.const
            return
        yield from ((f"listed {text!r}", text) for text in spec.listed)
        yield from self._lengths()
        if spec.format is not None:
            yield from ((f"format {text!r}"[:60], text) for text in spec.format.valid)
        yield from self._unusual()
        yield from self._widths()
        yield "empty", ""

    def _lengths(self) -> Iterator[Edge]:
        low, high = _limits(self.spec)
        sizes = (
            [low, low + 1, high - 1, high] if self.spec.high is not None else [low, low + 1, 256]
        )
        for size in dict.fromkeys(size for size in sizes if low <= size <= high):
            if (text := _exactly(self.spec, size)) is not None:
                yield f"length {size}", text
        for seed in range(4):
            text = sample(_node(self.spec), Seeded(Random(seed)), low, _soft(self.spec, low, high))
            if text is not None:
                yield f"drawn {seed}", text

    def _unusual(self) -> Iterator[Edge]:
        low, high = _limits(self.spec)
        base = sample(_node(self.spec), LEAST, low, high) or ""
        if self.spec.format is None:
            every = letters(_alphabet(_node(self.spec)) & self.spec.alphabet)
            yield "every character", (every + base)[:high]
            for snippet, name in _SNIPPETS:
                room = max(len(base) - len(snippet), 0)
                yield name, self.spec.prefix + snippet + base[len(self.spec.prefix) :][:room]
                yield f"{name} inside", base[: len(base) // 2] + snippet + base[len(base) // 2 :]

    def _widths(self) -> Iterator[Edge]:
        """Characters of two to four bytes, mixed to an exact number of bytes."""
        spec = self.spec
        if not (spec.byte_low or spec.byte_high is not None) or spec.pattern or spec.format:
            return
        low, high = _limits(spec)
        for size in dict.fromkeys((max(spec.low, 1), spec.high or low, low, high)):
            for total in (spec.byte_low, spec.byte_high or spec.byte_low):
                if size <= total <= 4 * size:
                    yield f"{size} characters in {total} bytes", _wide(size, total)

    def breaks(self) -> Iterator[str]:
        spec = self.spec
        yield from _around(spec)
        yield from spec.not_in
        if spec.not_contains:
            base = self.pick(LEAST)
            yield from (spec.not_contains, base + spec.not_contains, spec.not_contains + base)
            yield base[len(spec.not_contains) :] + spec.not_contains
        if spec.format is not None:
            yield from spec.format.invalid
        for freer in _freer(spec):
            yield from (text for _, text in Text(freer).edges())
        yield from _mutated(self.pick(LEAST))
        yield from ("", "a", "\x00")


def text_of(rules: FieldConstraints) -> Text:
    """The domain of a string field. Raises Unreadable for a pattern that is not RE2."""
    return Text(_spec(rules, lambda value: str(value)))


@dataclass(frozen=True, slots=True)
class Octets:
    """Bytes: as text, one character a byte, of which a pattern sees ASCII only."""

    text: Text

    def pick(self, source: Source) -> bytes:
        return self.text.pick(source).encode("latin-1")

    def edges(self) -> Iterator[Edge]:
        for name, text in self.text.edges():
            if text.isascii() or (not self.text.spec.pattern and max(text) <= "\xff"):
                yield name, text.encode("latin-1")
        if not self.text.spec.pattern:
            low, high = _limits(self.text.spec)
            yield "not UTF-8", (b"\xff\xfe" + bytes(low))[: max(low, min(high, 2))]

    def breaks(self) -> Iterator[bytes]:
        return (
            text.encode("latin-1") for text in self.text.breaks() if max(text, default="") <= "\xff"
        )


def octets_of(rules: FieldConstraints) -> Octets:
    """The domain of a bytes field. Raises Unreadable for a pattern that is not RE2."""
    spec = _spec(rules, lambda value: value if isinstance(value, str) else value.decode("latin-1"))
    return Octets(Text(replace(spec, alphabet=ASCII if spec.pattern else LATIN_1)))


def _spec(rules: FieldConstraints, text) -> Spec:  # type: ignore[no-untyped-def]
    exact, exact_bytes = rules.rule("len"), rules.rule("len_bytes")
    return Spec(
        low=exact if exact is not None else rules.rule("min_len", 0),
        high=exact if exact is not None else rules.rule("max_len"),
        byte_low=exact_bytes if exact_bytes is not None else rules.rule("min_bytes", 0),
        byte_high=exact_bytes if exact_bytes is not None else rules.rule("max_bytes"),
        pattern=rules.rule("pattern"),
        prefix=text(rules.rule("prefix", "")),
        suffix=text(rules.rule("suffix", "")),
        contains=text(rules.rule("contains", "")),
        not_contains=text(rules.rule("not_contains", "")),
        const=None if rules.rule("const") is None else text(rules.rule("const")),
        listed=tuple(map(text, rules.rule("in", ()))),
        not_in=tuple(map(text, rules.rule("not_in", ()))),
        format=_format(rules),
    )


def _format(rules: FieldConstraints) -> Format | None:
    name = next((n for n in rules.names() if n in formats_of(rules) and rules.rule(n)), "")
    name = name or header_format(rules.rule("well_known_regex", 0))
    if rules.kind == "bytes" and name in OCTETS:
        sizes = OCTETS[name]
        choices = "|".join(f".{{{size}}}" for size in sizes)
        zeros = tuple("\0" * size for size in sizes)
        return Format(f"(?s)^({choices})$", zeros, tuple("\0" * (s + 1) for s in sizes) + ("\0",))
    return FORMATS.get(name)


def _limits(spec: Spec) -> tuple[int, int]:
    """The least and most characters, where each is one byte."""
    low = max(spec.low, spec.byte_low)
    highs = [high for high in (spec.high, spec.byte_high) if high is not None]
    return min(low, LONGEST), min([*highs, LONGEST])


def _soft(spec: Spec, low: int, high: int) -> int:
    """A high end for what is drawn at random: most texts are short."""
    return (
        min(high, max(low + _USUAL, 2 * low)) if spec.high is None else min(high, low + 4 * _USUAL)
    )


def _exactly(spec: Spec, size: int) -> str | None:
    if size <= REACH:
        return sample(_node(spec), LEAST, size, size)
    plain = spec.pattern is None and spec.format is None and not spec.contains
    if not plain:
        return None
    return spec.prefix + "a" * (size - len(spec.prefix) - len(spec.suffix)) + spec.suffix


@lru_cache(maxsize=1024)
def _node(spec: Spec) -> Node:
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


def _alphabet(node: Node) -> Spans:
    """Every character that can stand somewhere in *node*."""
    if isinstance(node, Chars):
        return node.alphabet
    if isinstance(node, Rep):
        return _alphabet(node.node)
    found = spans(())
    for part in node.branches if isinstance(node, Alt) else getattr(node, "parts", ()):
        found |= _alphabet(part)
    return found


def _wide(size: int, total: int) -> str:
    """*size* characters that take *total* bytes, between one and four each."""
    letters_by_width = ("a", "é", "漢", "😀")
    widths, rest = [1] * size, total - size
    for index in range(size):
        more = min(3, rest)
        widths[index] += more
        rest -= more
    return "".join(letters_by_width[width - 1] for width in widths)


def _around(spec: Spec) -> Iterator[str]:
    """Lengths just outside, everything else as it should be."""
    low, high = _limits(spec)
    bounded = spec.high is not None or spec.byte_high is not None
    for size in (
        low - 1,
        *((high + 1,) if bounded else ()),
        0,
        low // 2,
        *((2 * high + 1,) if bounded else ()),
    ):
        if 0 <= size <= LONGEST and (text := _exactly(spec, size)) is not None:
            yield text
    if spec.byte_high is not None and spec.high is not None:
        yield from (
            _wide(n, min(4 * n, spec.byte_high + 1)) for n in (spec.high, spec.high + 1) if n
        )
    for size, total in ((spec.high, spec.byte_high), (spec.low, spec.byte_low)):
        for n, bytes_ in _neighbours(size, total):
            yield _wide(n, bytes_)


def _neighbours(size: int | None, total: int | None) -> Iterator[tuple[int, int]]:
    if size and total:
        pairs = ((size, total + 1), (size, total - 1), (size + 1, total), (size - 1, total))
        yield from ((n, b) for n, b in pairs if 0 < n <= b <= 4 * n <= LONGEST)


def _freer(spec: Spec) -> Iterator[Spec]:
    """*spec* with one rule left out."""
    if spec.pattern is not None:
        yield replace(spec, pattern=None)
    if spec.format is not None:
        yield replace(spec, format=None)
    for name in ("prefix", "suffix", "contains"):
        if getattr(spec, name):
            yield replace(spec, **{name: ""})
    if spec.const is not None:
        yield replace(spec, const=None)
        yield replace(spec, const=None, low=len(spec.const), high=len(spec.const))
    if spec.listed:
        yield replace(spec, listed=())
        yield replace(spec, listed=(), prefix=spec.listed[0])


def _mutated(text: str) -> Iterator[str]:
    """*text* with one thing wrong: what a pattern, a prefix or a list refuses."""
    if text:
        for letter in ("!", " ", "é", "\n", "_", "-", "0", "a"):
            yield letter + text[1:]
            yield text[:-1] + letter
            yield text[: len(text) // 2] + letter + text[len(text) // 2 + 1 :]
        yield from (text.swapcase(), text[:-1], text[1:])
    yield from (text + "\n", text + "!", text + " ", " " + text, text + "a", text + text)


__all__ = ["LONGEST", "Octets", "Spec", "Text", "Unreadable", "octets_of", "text_of"]
