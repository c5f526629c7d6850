"""Strings that a pattern matches, constructed to an exact length, and strings near to them.

The lengths that a node can have are a bit set, so that a length is chosen first and then always
reached: nothing is thrown away.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import lru_cache

from wireproof.values.pattern_syntax import Alt, Chars, Mark, Node, Rep, Seq, parse
from wireproof.values.source import UNICODE, Source
from wireproof.values.spans import Spans, chars

REACH = 8192
"""The longest string that is constructed from a pattern of several parts, in characters."""
_NOTHING = Seq(())
_NEAR = 256
"""Longer strings are looked for only where there is none so short."""
_FILL = Rep(Chars(UNICODE), 0, None)


@lru_cache(maxsize=2048)
def searched(pattern: str) -> Node:
    """The tree of whole strings in which *pattern* finds a match: RE2's search is unanchored."""
    return _padded(parse(pattern))


def literal(text: str) -> Node:
    """Just this text."""
    return Seq(tuple(Chars(chars(letter)) for letter in text))


def lengths(node: Node, high: int) -> int:
    """The lengths up to *high* that *node* can have: bit n is set where n can be reached."""
    return _lengths(node, min(high, REACH))


def sample(node: Node, source: Source, low: int, high: int) -> str | None:
    """A string of *node* with *low* to *high* characters, or None where there is none."""
    simple = one_class(node)
    if simple is not None:  # one draw instead of two: it is how most patterns look
        low, high = max(low, simple.low), min(high, simple.high)
        return source.text(simple.alphabet, low, high) if low <= high else None
    near, high = min(high, low + _NEAR), min(high, REACH)
    possible = _ranks(_lengths(node, near) >> low << low)
    if not possible and near < high:
        near = high
        possible = _ranks(_lengths(node, near) >> low << low)
    if not possible:
        return None
    length = possible[source.integer(0, len(possible) - 1, 0)]
    return _Sampler(source, near).exactly(node, length)


@dataclass(frozen=True, slots=True)
class Run:
    """Letters of one class, so and so many."""

    alphabet: Spans
    low: int
    high: int


@lru_cache(maxsize=2048)
def one_class(node: Node) -> Run | None:
    """The repeated class, where that is all there is."""
    real = [part for part in _flat((node,)) if not isinstance(part, Mark)]
    if len(real) == 1 and isinstance(real[0], Rep) and isinstance(real[0].node, Chars):
        if not real[0].node.alphabet:
            return None
        high = sys.maxsize if real[0].high is None else real[0].high
        return Run(real[0].node.alphabet, real[0].low, high)
    return None


@lru_cache(maxsize=8192)
def _ranks(mask: int) -> tuple[int, ...]:
    return tuple(index for index in range(mask.bit_length()) if mask >> index & 1)


class _Sampler:
    def __init__(self, source: Source, high: int) -> None:
        self.source = source
        self.high = high

    def exactly(self, node: Node, length: int) -> str:
        if isinstance(node, Chars):
            return self.source.text(node.alphabet, 1, 1)
        if isinstance(node, Alt):
            fit = [b for b in node.branches if _lengths(b, self.high) >> length & 1]
            return self.exactly(fit[self.pick(len(fit))], length)
        if isinstance(node, Rep):
            return self.repeated(node, length)
        return self.sequence(node, length) if isinstance(node, Seq) else ""

    def pick(self, count: int) -> int:
        return self.source.integer(0, count - 1, 0) if count > 1 else 0

    def repeated(self, node: Rep, length: int) -> str:
        if isinstance(node.node, Chars):
            return self.source.text(node.node.alphabet, length, length) if length else ""
        pieces: list[str] = []
        while length or node.low:
            rest = _fewer(node)
            first, length = self.split(node.node, _lengths(rest, self.high), length)
            pieces.append(first)
            node = rest
        return "".join(pieces)

    def sequence(self, node: Seq, length: int) -> str:
        pieces: list[str] = []
        for part, after in zip(node.parts, _rests(node, self.high), strict=True):
            piece, length = self.split(part, after, length)
            pieces.append(piece)
        return "".join(pieces)

    def split(self, node: Node, after: int, length: int) -> tuple[str, int]:
        """A string of *node* such that what follows can make up the rest of *length*."""
        own = _lengths(node, self.high) & ((2 << length) - 1)
        fit = [n for n in _ranks(own) if after >> (length - n) & 1]
        chosen = fit[self.pick(len(fit))]
        return self.exactly(node, chosen), length - chosen


@lru_cache(maxsize=2048)
def _rests(node: Seq, high: int) -> tuple[int, ...]:
    """The lengths of what follows each part."""
    parts = node.parts
    return tuple(_lengths(Seq(parts[index + 1 :]), high) for index in range(len(parts)))


def _fewer(node: Rep) -> Rep:
    high = None if node.high is None else node.high - 1
    return Rep(node.node, max(node.low - 1, 0), high)


@lru_cache(maxsize=16384)
def _lengths(node: Node, high: int) -> int:
    everything = (2 << high) - 1
    if isinstance(node, Chars):
        return 0b10 & everything if node.alphabet else 0
    if isinstance(node, Alt):
        found = 0
        for branch in node.branches:
            found |= _lengths(branch, high)
        return found
    if isinstance(node, Rep):
        return _repeated_lengths(node, high)
    found = 1
    for part in node.parts if isinstance(node, Seq) else ():
        found = _sums(found, _lengths(part, high)) & everything
    return found


def _repeated_lengths(node: Rep, high: int) -> int:
    everything = (2 << high) - 1
    one = _lengths(node.node, high)
    if one == 0b10:
        last = high if node.high is None else min(node.high, high)
        return ((2 << last) - 1) >> node.low << node.low if node.low <= last else 0
    found = 1
    for _ in range(min(node.low, high + 1)):
        found = _sums(found, one) & everything
    layer = found
    for _ in range(high if node.high is None else min(node.high - node.low, high)):
        layer = _sums(layer, one) & everything
        if layer | found == found:
            break
        found |= layer
    return found


def _sums(left: int, right: int) -> int:
    few, many = sorted((left, right), key=int.bit_count)
    lowest = few & -few
    if few and not few + lowest & few:  # one run of lengths, as most are
        return _smeared(many, few.bit_count()) * lowest
    found = 0
    while few:
        lowest = few & -few
        found |= many * lowest
        few ^= lowest
    return found


def _smeared(mask: int, width: int) -> int:
    """*mask* moved by 0, 1, … *width* - 1, all together; doubling each time."""
    done = 1
    while done < width:
        step = min(done, width - done)
        mask |= mask << step
        done += step
    return mask


def _padded(node: Node) -> Node:
    if isinstance(node, Alt):
        return Alt(tuple(_padded(branch) for branch in node.branches))
    parts = node.parts if isinstance(node, Seq) else (node,)
    parts = _flat(parts)
    before = () if parts and _anchored(parts[0], "^") else (_FILL,)
    after = () if parts and _anchored(parts[-1], "$") else (_FILL,)
    return Seq(before + parts + after)


def _flat(parts: tuple[Node, ...]) -> tuple[Node, ...]:
    """Without groups inside of groups, so that `(^a)` shows its anchor."""
    flat: list[Node] = []
    for part in parts:
        flat += _flat(part.parts) if isinstance(part, Seq) else [part]
    return tuple(flat)


def _anchored(node: Node, mark: str) -> bool:
    if isinstance(node, Alt):
        edge = 0 if mark == "^" else -1
        branches = [_flat((branch,)) for branch in node.branches]
        return all(branch and _anchored(branch[edge], mark) for branch in branches)
    return node == Mark(mark)


def prefixed(node: Node, prefix: str) -> Node:
    """The strings of *node* that begin with *prefix* (Brzozowski derivatives, letter by letter)."""
    rest = node
    for letter in prefix:
        rest = _derivative(rest, ord(letter))
    return Seq((literal(prefix), rest))


def suffixed(node: Node, suffix: str) -> Node:
    """The strings of *node* that end with *suffix*."""
    return _reversed(prefixed(_reversed(node), suffix[::-1]))


_EMPTY_CLASS = Chars(Spans(()))


def _derivative(node: Node, code: int) -> Node:
    if isinstance(node, Chars):
        return _NOTHING if code in node.alphabet else _EMPTY_CLASS
    if isinstance(node, Alt):
        return _either(*(_derivative(branch, code) for branch in node.branches))
    if isinstance(node, Rep):
        if node.high == 0:
            return _EMPTY_CLASS
        return _join(_derivative(node.node, code), _fewer(node))
    if isinstance(node, Mark) or not node.parts:
        return _EMPTY_CLASS
    first, rest = node.parts[0], Seq(node.parts[1:])
    begun = _join(_derivative(first, code), rest)
    return _either(begun, _derivative(rest, code)) if _lengths(first, 0) & 1 else begun


def _join(left: Node, right: Node) -> Node:
    return _EMPTY_CLASS if left == _EMPTY_CLASS else Seq((left, right))


def _either(*branches: Node) -> Node:
    live = tuple(dict.fromkeys(branch for branch in branches if branch != _EMPTY_CLASS))
    if not live:
        return _EMPTY_CLASS
    return live[0] if len(live) == 1 else Alt(live)


def _reversed(node: Node) -> Node:
    if isinstance(node, Alt):
        return Alt(tuple(_reversed(branch) for branch in node.branches))
    if isinstance(node, Rep):
        return Rep(_reversed(node.node), node.low, node.high)
    if isinstance(node, Seq):
        return Seq(tuple(_reversed(part) for part in reversed(node.parts)))
    return node
