"""RE2's syntax read into a small tree (https://github.com/google/re2/wiki/Syntax).

Python's `re` is another language: its `$` lets a newline by, it lacks `[[:alpha:]]` and categories.
So patterns are read here, and what is generated is judged by RE2 itself, in protovalidate.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from wireproof.values.pattern_classes import (
    LINE,
    PERL,
    POSIX,
    Unreadable,
    category,
    folded,
)
from wireproof.values.source import UNICODE
from wireproof.values.spans import Spans, of, spans


@dataclass(frozen=True, slots=True)
class Chars:
    """One character of a class."""

    alphabet: Spans


@dataclass(frozen=True, slots=True)
class Seq:
    parts: tuple[Node, ...]
    _hash: int = field(init=False, repr=False, compare=False)
    """Known beforehand, as below: what is known of a tree is looked up at every step into it."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash(("seq", self.parts)))

    def __hash__(self) -> int:
        return self._hash


@dataclass(frozen=True, slots=True)
class Alt:
    branches: tuple[Node, ...]
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash(("alt", self.branches)))

    def __hash__(self) -> int:
        return self._hash


@dataclass(frozen=True, slots=True)
class Rep:
    """*low* to *high* times; no *high*, no end."""

    node: Node
    low: int
    high: int | None
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash((self.node, self.low, self.high)))

    def __hash__(self) -> int:
        return self._hash


@dataclass(frozen=True, slots=True)
class Mark:
    """A place that takes no character: `^`, `$` or a word boundary `b`."""

    kind: str


Node = Chars | Seq | Alt | Rep | Mark

_ESCAPES = {"a": 0x07, "f": 0x0C, "t": 0x09, "n": 0x0A, "r": 0x0D, "v": 0x0B}
_MARKS = {"A": "^", "z": "$", "b": "b", "B": "B"}
_COUNTED = re.compile(r"\{(\d+)(,(\d*))?\}")
_GROUP = re.compile(r"\?(?:P?<[^>]+>|([a-zA-Z-]*)([:)]))")
_OCTAL = re.compile(r"[0-7]{1,3}")
_HEX = re.compile(r"x(?:\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{2}))")


def parse(pattern: str) -> Node:
    """The tree of *pattern*. Raises Unreadable."""
    reader = _Reader(pattern)
    node = reader.alternatives(frozenset())
    if not reader.at_end():
        raise Unreadable(f"unexpected {reader.peek()!r} in {pattern!r}")
    return node


class _Reader:
    """Recursive descent over one pattern; flags travel down as a set of letters."""

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self.at = 0

    def at_end(self) -> bool:
        return self.at >= len(self.pattern)

    def peek(self, text: str | None = None) -> str:
        return self.pattern[self.at : self.at + (len(text) if text else 1)]

    def take(self, text: str) -> bool:
        found = self.peek(text) == text
        self.at += len(text) if found else 0
        return found

    def next(self) -> str:
        if self.at_end():
            raise Unreadable(f"{self.pattern!r} ends too early")
        self.at += 1
        return self.pattern[self.at - 1]

    def match(self, expression: re.Pattern[str]) -> re.Match[str] | None:
        found = expression.match(self.pattern, self.at)
        self.at = found.end() if found else self.at
        return found

    def alternatives(self, flags: frozenset[str]) -> Node:
        branches: list[Node] = []
        parts: list[Node] = []
        while not self.at_end() and self.peek() != ")":
            if self.take("|"):
                branches.append(Seq(tuple(parts)))
                parts = []
            elif self.take("\\Q"):
                parts += self.quoted(flags)
            elif (changed := self.flags(flags)) is not None:
                flags = changed
            else:
                parts.append(self.repeated(self.atom(flags)))
        branches.append(Seq(tuple(parts)))
        return branches[0] if len(branches) == 1 else Alt(tuple(branches))

    def flags(self, flags: frozenset[str]) -> frozenset[str] | None:
        """`(?i)`: the flags for the rest of the group."""
        found = re.compile(r"\(\?([a-zA-Z-]+)\)").match(self.pattern, self.at)
        if found is None:
            return None
        self.at = found.end()
        return _changed(flags, found[1])

    def quoted(self, flags: frozenset[str]) -> list[Node]:
        text, _, _ = self.pattern[self.at :].partition("\\E")
        self.at = min(self.at + len(text) + 2, len(self.pattern))
        return [_literal(ord(letter), flags) for letter in text]

    def repeated(self, node: Node) -> Node:
        while not self.at_end():
            bounds = self.bounds()
            if bounds is None:
                return node
            self.take("?")  # lazy or greedy: the same strings
            node = Rep(node, *bounds)
        return node

    def bounds(self) -> tuple[int, int | None] | None:
        for sign, bounds in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self.take(sign):
                return bounds
        counted = self.match(_COUNTED)
        if counted is None:
            return None
        low = int(counted[1])
        if counted[2] is None:
            return low, low
        return low, int(counted[3]) if counted[3] else None

    def atom(self, flags: frozenset[str]) -> Node:
        letter = self.next()
        if letter == "(":
            return self.group(flags)
        if letter == "[":
            return Chars(self.bracket(flags))
        if letter == ".":
            return Chars(UNICODE if "s" in flags else LINE)
        if letter in "^$":
            return Mark(letter)
        if letter == "\\":
            return self.escape(flags)
        return _literal(ord(letter), flags)

    def group(self, flags: frozenset[str]) -> Node:
        if self.peek() == "?":
            opened = self.match(_GROUP)
            if opened is None or opened[2] == ")":
                raise Unreadable(f"unknown group in {self.pattern!r}")
            flags = _changed(flags, opened[1] or "")
        node = self.alternatives(flags)
        if not self.take(")"):
            raise Unreadable(f"missing ) in {self.pattern!r}")
        return node

    def escape(self, flags: frozenset[str]) -> Node:
        if self.peek() in _MARKS and self.peek():
            return Mark(_MARKS[self.next()])
        found = self.escaped()
        return _literal(found, flags) if isinstance(found, int) else Chars(found)

    def escaped(self) -> int | Spans:
        """What follows a backslash: a character or a class."""
        if (code := self.match(_HEX)) is not None:
            return int(code[1] or code[2], 16)
        if (octal := self.match(_OCTAL)) is not None:
            return int(octal[0], 8)
        letter = self.next()
        if letter.lower() in PERL:
            found = PERL[letter.lower()]
            return UNICODE - found if letter.isupper() else found
        if letter in "pP":
            found = category(self.category())
            return UNICODE - found if letter == "P" else found
        if letter.isalnum() and letter not in _ESCAPES:
            raise Unreadable(f"unknown escape \\{letter} in {self.pattern!r}")
        return _ESCAPES.get(letter, ord(letter))

    def category(self) -> str:
        if not self.take("{"):
            return self.next()
        name, closed, _ = self.pattern[self.at :].partition("}")
        if not closed:
            raise Unreadable(f"missing }} in {self.pattern!r}")
        self.at += len(name) + 1
        return name

    def bracket(self, flags: frozenset[str]) -> Spans:
        negated = self.take("^")
        found, first = spans(()), True
        while first or not self.take("]"):
            found |= self.member()
            first = False
        found = folded(found) if "i" in flags else found
        return UNICODE - found if negated else found & UNICODE

    def member(self) -> Spans:
        posix = self.match(re.compile(r"\[:(\^?)(\w+):\]"))
        if posix is not None:
            named = POSIX.get(posix[2])
            if named is None:
                raise Unreadable(f"unknown class [:{posix[2]}:]")
            return UNICODE - named if posix[1] else named
        low = self.single()
        if not isinstance(low, int):
            return low
        if self.peek() == "-" and self.peek("-]") != "-]":
            self.next()
            high = self.single()
            if not isinstance(high, int) or high < low:
                raise Unreadable(f"bad range in {self.pattern!r}")
            return spans([(low, high)])
        return of(low)

    def single(self) -> int | Spans:
        letter = self.next()
        if letter != "\\":
            return ord(letter)
        if self.take("b"):
            return 0x08
        return self.escaped()


def _changed(flags: frozenset[str], written: str) -> frozenset[str]:
    on, _, off = written.partition("-")
    return (flags | set(on)) - set(off)


def _literal(code: int, flags: frozenset[str]) -> Node:
    return Chars(folded(of(code)) if "i" in flags else of(code))
