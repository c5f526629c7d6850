"""The shortest texts that one version's text rules allow and the other's refuse, or that none are.

Pattern, prefix, suffix, contains, lists and lengths of both versions are walked together, shortest
text first. Where the walk ends by itself, the two versions are known to allow the same texts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Any

from wireproof.schema.constraints import FieldConstraints
from wireproof.values.pattern import literal
from wireproof.values.pattern_classes import Unreadable
from wireproof.values.pattern_syntax import Alt, Mark, Node, Seq, parse
from wireproof.values.source import UNICODE, letters
from wireproof.values.spans import Spans, spans
from wireproof.witness.regular import DEAD, MATCHED, START, Automaton, TooLarge, alphabets

STATES = 20_000
"""How many pairs of states a walk visits."""
_WORDS = 6
"""How many texts of each side a walk collects."""
_HEX = "[0-9a-fA-F]"
_NAME = "[A-Za-z_][A-Za-z_0-9]*"
REGULAR = {
    "uuid": f"^{_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}$",
    "tuuid": f"^{_HEX}{{32}}$",
    "ulid": "^[0-7][0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{25}$",
    "protobuf_fqn": rf"^{_NAME}(\.{_NAME})*$",
    "protobuf_dot_fqn": rf"^\.{_NAME}(\.{_NAME})*$",
}
"""The formats that are patterns by another name, as buf/validate/validate.proto has them."""
_LATIN = spans([(0, 0xFF)])
# Case folding, categories and lines are read by their usual members only: no proof rests on them.
_ROUGH = re.compile(r"\\[pP]|\(\?[a-zA-Z]*[im]")
_WIDTHS = tuple(
    UNICODE & spans([span])
    for span in ((0, 0x7F), (0x80, 0x7FF), (0x800, 0xFFFF), (0x10000, 0x10FFFF))
)


@dataclass(frozen=True, slots=True)
class Difference:
    """Texts that only the old, or only the new rules allow; *complete* where there are no others
    of another kind: nothing found is then a proof.
    """

    old: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    complete: bool = False


@dataclass(frozen=True, slots=True)
class Language:
    """The texts that one version's rules allow."""

    wanted: tuple[Node, ...]
    barred: tuple[Node, ...]
    low: int
    high: int | None
    byte_low: int
    byte_high: int | None
    exact: bool = True


def difference(old: FieldConstraints, new: FieldConstraints) -> Difference:
    """Of two sets of rules of a string, or of bytes that hold text, formats and CEL left out."""
    try:
        was, now = language(old), language(new)
        if was == now:
            return Difference(complete=True)
        return _walked(was, now, latin=_latin(old) and _latin(new))
    except (Unreadable, UnicodeDecodeError, TooLarge, RecursionError):
        return Difference()


def language(rules: FieldConstraints) -> Language:
    """Raises Unreadable for a pattern, UnicodeDecodeError for bytes, that are no text here."""
    octets = rules.kind == "bytes"
    coding = "latin-1" if _latin(rules) else "utf-8"

    def texts(name: str) -> list[str]:
        value = rules.rule(name)
        values = () if value is None else value if isinstance(value, tuple) else (value,)
        return [one.decode(coding) if isinstance(one, bytes) else one for one in values]

    patterns = texts("pattern")
    if not octets:
        patterns += [pattern for name, pattern in REGULAR.items() if rules.rule(name)]
    wanted: list[Node] = [parse(pattern) for pattern in patterns]
    wanted += [Seq((Mark("^"), literal(text))) for text in texts("prefix")]
    wanted += [Seq((literal(text), Mark("$"))) for text in texts("suffix")]
    wanted += [literal(text) for text in texts("contains")]
    wanted += [_whole([text]) for text in texts("const")]
    wanted += [_whole(listed)] if (listed := texts("in")) else []
    barred = [literal(text) for text in texts("not_contains")]
    barred += [_whole(listed)] if (listed := texts("not_in")) else []
    low, high = _lengths(rules, "len")
    byte_low, byte_high = (low, high) if octets else _lengths(rules, "bytes", "len_bytes")
    exact = not any(_ROUGH.search(pattern) for pattern in texts("pattern"))
    if octets:
        low, high = 0, None
    return Language(tuple(wanted), tuple(barred), low, high, byte_low, byte_high, exact)


def _latin(rules: FieldConstraints) -> bool:
    """Whether each byte may stand for itself: only a pattern reads bytes as UTF-8."""
    return rules.kind == "bytes" and rules.rule("pattern") is None


def _whole(texts: Sequence[str]) -> Node:
    return Alt(tuple(Seq((Mark("^"), literal(text), Mark("$"))) for text in texts))


def _lengths(rules: FieldConstraints, unit: str, exactly: str = "len") -> tuple[int, int | None]:
    exact = rules.rule(exactly)
    if exact is not None:
        return exact, exact
    return rules.rule(f"min_{unit}", 0), rules.rule(f"max_{unit}")


_Sides = tuple[tuple[int, ...] | None, tuple[int, ...] | None]
_State = tuple[_Sides, int, int]


class _Side:
    """One version's automata, walked together."""

    def __init__(self, language: Language, classes: Sequence[Spans]) -> None:
        self.language = language
        nodes = (*language.wanted, *language.barred)
        self._automata = [Automaton(node, classes) for node in nodes]
        self._wanted = len(language.wanted)
        self.start = (START,) * len(nodes)
        self._steps: dict[tuple[tuple[int, ...], int], tuple[int, ...] | None] = {}
        self._ends: dict[tuple[int, ...], bool] = {}

    def step(self, states: tuple[int, ...], index: int) -> tuple[int, ...] | None:
        """Remembered, since lengths that are counted beside them bring the same states again."""
        key = states, index
        if key not in self._steps:
            self._steps[key] = self._stepped(states, index)
        return self._steps[key]

    def _stepped(self, states: tuple[int, ...], index: int) -> tuple[int, ...] | None:
        moved = [a.step(s, index) for a, s in zip(self._automata, states, strict=True)]
        if DEAD in moved[: self._wanted] or MATCHED in moved[self._wanted :]:
            return None
        return tuple(moved)

    def over(self, size: int, octets: int) -> bool:
        high, byte_high = self.language.high, self.language.byte_high
        return (high is not None and size > high) or (byte_high is not None and octets > byte_high)

    def accepts(self, states: tuple[int, ...] | None, size: int, octets: int) -> bool:
        if states is None or size < self.language.low or octets < self.language.byte_low:
            return False
        if states not in self._ends:
            told = [a.accepts(s) for a, s in zip(self._automata, states, strict=True)]
            self._ends[states] = all(told[: self._wanted]) and not any(told[self._wanted :])
        return self._ends[states]


@lru_cache(maxsize=512)
def _walked(old: Language, new: Language, *, latin: bool) -> Difference:
    if not any((old.wanted, old.barred, new.wanted, new.barred)):
        return Difference()  # lengths alone: their boundaries say it all
    classes = _classes([old, new], latin=latin)
    widths = [1 if latin else len(letters(c)[0].encode()) for c in classes]
    walk = _Walk((_Side(old, classes), _Side(new, classes)), widths)
    complete = walk.run() and old.exact and new.exact
    found = [tuple(_text(word, classes) for word in words) for words in walk.found]
    return Difference(found[0], found[1], complete)


class _Walk:
    def __init__(self, sides: tuple[_Side, _Side], widths: Sequence[int]) -> None:
        self.sides = sides
        self.widths = widths
        self.size_cap = _cap(side.language.low for side in sides) + _cap(
            side.language.high for side in sides
        )
        self.byte_cap = _cap(side.language.byte_low for side in sides) + _cap(
            side.language.byte_high for side in sides
        )
        self.found: tuple[list[tuple[int, ...]], list[tuple[int, ...]]] = ([], [])

    def run(self) -> bool:
        """Breadth first; whether it came to an end by itself."""
        begin: _State = (tuple(self._within(s.start, s, 0, 0) for s in self.sides), 0, 0)  # type: ignore[assignment]
        layer: dict[_State, tuple[int, ...]] = {begin: ()}
        seen = {begin}
        while layer:
            for state, word in layer.items():
                self._judge(state, word)
            if len(seen) > STATES or all(len(words) >= _WORDS for words in self.found):
                return False
            following: dict[_State, tuple[int, ...]] = {}
            for state, word in layer.items():
                for index in range(len(self.widths)):
                    moved = self._moved(state, index)
                    if moved[0] != (None, None) and moved not in seen:
                        seen.add(moved)
                        following[moved] = (*word, index)
                if len(seen) > STATES:
                    break
            layer = following
        return True

    def _judge(self, state: _State, word: tuple[int, ...]) -> None:
        both, size, octets = state
        was, now = (
            side.accepts(states, size, octets)
            for side, states in zip(self.sides, both, strict=True)
        )
        if was != now and len(found := self.found[0 if was else 1]) < _WORDS:
            found.append(word)

    def _moved(self, state: _State, index: int) -> _State:
        (was, now), size, octets = state
        old, new = self.sides
        size = min(size + 1, self.size_cap)
        octets = min(octets + self.widths[index], self.byte_cap)
        was = None if was is None else self._within(old.step(was, index), old, size, octets)
        now = None if now is None else self._within(new.step(now, index), new, size, octets)
        return (was, now), size, octets

    @staticmethod
    def _within(states: Any, side: _Side, size: int, octets: int) -> tuple[int, ...] | None:
        return None if side.over(size, octets) else states


def _cap(stated: Iterator[int | None]) -> int:
    """Just beyond what is stated: longer texts are all alike."""
    known = [one for one in stated if one]
    return max(known) + 1 if known else 0


def _classes(languages: Sequence[Language], *, latin: bool) -> list[Spans]:
    """Disjoint classes of characters that no rule tells apart, the most readable first."""
    whole = _LATIN if latin else UNICODE
    nodes = [n for one in languages for n in (*one.wanted, *one.barred)]
    named = {letters_ for node in nodes for letters_ in alphabets(node)}
    counted = any(one.byte_low or one.byte_high is not None for one in languages)
    named |= set(_WIDTHS) if counted and not latin else set()
    members = list(named)
    cuts = {end for s in (*members, whole) for low, high in s.parts for end in (low, high + 1)}
    edges = sorted(cuts)
    groups: dict[frozenset[int], list[tuple[int, int]]] = {}
    for low, after in pairwise(edges):
        if low in whole:
            key = frozenset(i for i, member in enumerate(members) if low in member)
            groups.setdefault(key, []).append((low, after - 1))
    found = [spans(parts) for parts in groups.values()]
    return sorted(found, key=lambda c: _NICE.find(letters(c)[0]) % 99)


_NICE = "a0A-_. :/@"


def _text(word: Sequence[int], classes: Sequence[Spans]) -> str:
    return "".join(letters(classes[index])[0] for index in word)
