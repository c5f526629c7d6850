"""Strings and bytes under length, pattern, affix, list and format rules."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, cast

from wireproof.schema.constraints import FieldConstraints
from wireproof.values.domain import Edge
from wireproof.values.pattern import REACH, Run, one_class, sample
from wireproof.values.pattern_syntax import Node
from wireproof.values.pattern_writer import Writer, writer
from wireproof.values.source import ASCII, LEAST, Source, letters, seeded
from wireproof.values.spans import spans
from wireproof.values.text_spec import LONGEST, Spec, alphabet_of, limits, node_of, soft, spec_of

LATIN_1 = spans([(0, 0xFF)])
_WIDEST = 4096
"""Characters of a text that is as long as it may be and as wide."""
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


@dataclass(eq=False, slots=True)
class Text:
    """Strings."""

    spec: Spec
    _span: tuple[int, int] = field(init=False)
    _run: Run | None = field(init=False)
    """Letters of one class within the lengths to draw, where that is all there is."""
    _write: Writer = field(init=False)

    def __post_init__(self) -> None:
        low, high = limits(self.spec)
        node = node_of(self.spec)
        run = one_class(node)
        if run is not None:
            least = max(low, run.low)
            run = Run(run.alphabet, least, soft(self.spec, least, min(high, run.high)))
        self._span, self._run, self._write = (low, high), run, writer(node)

    def pick(self, source: Source) -> str:
        spec = self.spec
        if spec.const is not None:
            return spec.const
        if spec.listed:
            return spec.listed[source.integer(0, len(spec.listed) - 1, 0)]
        found = self._drawn(source)
        if found is None or found in spec.not_in:
            found = next((text for _, text in self.edges() if text not in spec.not_in), "")
        return found

    def _drawn(self, source: Source) -> str | None:
        """Free where that comes out within the lengths, else to a length chosen first."""
        low, high = self._span
        run = self._run
        if run is not None:
            return source.text(run.alphabet, run.low, run.high) if run.low <= run.high else None
        found = self._write(source)
        if low <= len(found) <= high:
            return found
        node = node_of(self.spec)
        aimed = sample(node, source, low, soft(self.spec, low, high))
        return aimed if aimed is not None else sample(node, source, low, high)

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
        low, high = limits(self.spec)
        sizes = (
            [low, low + 1, high - 1, high] if self.spec.high is not None else [low, low + 1, 256]
        )
        for size in dict.fromkeys(size for size in sizes if low <= size <= high):
            if (text := _exactly(self.spec, size)) is not None:
                yield f"length {size}", text
        for seed in range(4):
            text = sample(node_of(self.spec), seeded(seed), low, soft(self.spec, low, high))
            if text is not None:
                yield f"drawn {seed}", text

    def _unusual(self) -> Iterator[Edge]:
        low, high = limits(self.spec)
        base = sample(node_of(self.spec), LEAST, low, high) or ""
        if self.spec.format is None:
            every = letters(alphabet_of(node_of(self.spec)) & self.spec.alphabet)
            yield "every character", (every + base)[:high]
            for snippet, name in _SNIPPETS:
                room = max(len(base) - len(snippet), 0)
                yield name, self.spec.prefix + snippet + base[len(self.spec.prefix) :][:room]
                yield f"{name} inside", base[: len(base) // 2] + snippet + base[len(base) // 2 :]

    def _widths(self) -> Iterator[Edge]:
        """Characters of two to four bytes, mixed to an exact number of bytes."""
        spec = self.spec
        if spec.pattern or spec.format or spec.prefix or spec.suffix or spec.contains:
            return
        if not (spec.byte_low or spec.byte_high is not None):
            yield from _longest(spec)
            return
        low, high = limits(spec)
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


def _longest(spec: Spec) -> Iterator[Edge]:
    """As many characters as are allowed, of several bytes and of two UTF-16 units each."""
    if spec.high is not None and 0 < spec.high <= _WIDEST:
        yield f"{spec.high} CJK characters", "漢" * spec.high
        yield f"{spec.high} astral characters", "😀" * spec.high


def text_of(rules: FieldConstraints) -> Text:
    """The domain of a string field."""
    return Text(spec_of(rules, str))


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
            low, high = limits(self.text.spec)
            yield "not UTF-8", (b"\xff\0\xfe" + bytes(low))[: max(low, min(high, 3))]

    def breaks(self) -> Iterator[bytes]:
        return (
            text.encode("latin-1") for text in self.text.breaks() if max(text, default="") <= "\xff"
        )


def octets_of(rules: FieldConstraints) -> Octets:
    """The domain of a bytes field."""
    spec = spec_of(
        rules, lambda value: value if isinstance(value, str) else value.decode("latin-1")
    )
    return Octets(Text(replace(spec, alphabet=ASCII if spec.pattern else LATIN_1)))


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
    low, high = limits(spec)
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
            yield replace(spec, **cast(Any, {name: ""}))
    if spec.const is not None:
        yield replace(spec, const=None)
        yield replace(spec, const=None, low=len(spec.const), high=len(spec.const))
    if spec.listed:
        yield replace(spec, listed=())
        yield replace(spec, listed=(), prefix=spec.listed[0])


def _exactly(spec: Spec, size: int) -> str | None:
    if size <= REACH:
        return _simplest(node_of(spec), size)
    if (text := sample(node_of(spec), LEAST, size, size)) is not None:
        return text
    plain = spec.pattern is None and spec.format is None and not spec.contains
    if not plain:
        return None
    return spec.prefix + "a" * (size - len(spec.prefix) - len(spec.suffix)) + spec.suffix


@lru_cache(maxsize=512)
def _simplest(node: Node, size: int) -> str | None:
    """Remembered: a rule and the rules that differ from it in one thing ask for the same."""
    return sample(node, LEAST, size, size)


def _mutated(text: str) -> Iterator[str]:
    """*text* with one thing wrong: what a pattern, a prefix or a list refuses."""
    if text:
        for letter in ("!", " ", "é", "\n", "_", "-", "0", "a"):
            yield letter + text[1:]
            yield text[:-1] + letter
            yield text[: len(text) // 2] + letter + text[len(text) // 2 + 1 :]
        yield from (text.swapcase(), text[:-1], text[1:])
    yield from (text + "\n", text + "!", text + " ", " " + text, text + "a", text + text)
