"""Where the choices of a generated value come from: the least, or a seeded generator.

Hypothesis is a third source, in `wireproof.strategies`. One generator serves all three, so what
Hypothesis shrinks to is what `valid` constructs.
"""

from __future__ import annotations

import math
import string
import struct
from codecs import charmap_decode
from dataclasses import dataclass
from functools import lru_cache
from random import Random
from typing import Protocol

from wireproof.values.spans import Spans, spans

UNICODE = spans([(0, 0xD7FF), (0xE000, 0x10FFFF)])
ASCII = spans([(0, 0x7F)])
NICE = "a0A-_" + string.ascii_lowercase + string.digits + string.ascii_uppercase
PLAIN = spans([(0x20, 0x7E)])
EXOTIC = "\0\t\n\r\x7f\x85\xa0éßİŁЖשع漢ก\u0301\u200b\u202e\u2028\ufeff\ufffd😀\U0001d4b3"
"""Characters that break naive code: controls, case folding, right-to-left, combining, astral."""


class Source(Protocol):
    """What a generator asks of it. Every span is closed and holds at least one value."""

    def integer(self, low: int, high: int, toward: int) -> int:
        """A whole number; simplest is the one nearest to *toward*."""

    def flags(self, count: int) -> list[bool]:
        """*count* times yes or no; no is simpler."""

    def floating(self, low: float, high: float, single: bool, nan: bool) -> float:
        """A number of *single* or double precision; infinite or NaN only where that is allowed."""

    def text(self, alphabet: Spans, low: int, high: int) -> str:
        """*low* to *high* characters."""


class Least:
    """The simplest choice, always."""

    def integer(self, low: int, high: int, toward: int) -> int:
        return min(max(toward, low), high)

    def flags(self, count: int) -> list[bool]:
        return [False] * count

    def floating(self, low: float, high: float, single: bool, nan: bool) -> float:  # noqa: ARG002
        return min(max(0.0, low), high)

    def text(self, alphabet: Spans, low: int, high: int) -> str:  # noqa: ARG002
        return letters(alphabet)[0] * low


LEAST = Least()
_REACH = 12
_LONG_TAIL = 0.05
_SHORT = 1 - _LONG_TAIL
_MOST = {False: 1.7976931348623157e308, True: 3.4028234663852886e38}


@dataclass(slots=True)
class Seeded:
    """Choices of a seeded generator: fast, replayable, never shrunk."""

    random: Random

    def integer(self, low: int, high: int, toward: int) -> int:
        if high - low > 1000 and self.random.random() < 0.5:
            near = self.random.randint(-_REACH, _REACH)
            return min(max(toward + near, low), high)
        return self.random.randint(low, high)

    def flags(self, count: int) -> list[bool]:
        bits = self.random.getrandbits(count) if count else 0
        return [bits >> index & 1 == 1 for index in range(count)]

    def floating(self, low: float, high: float, single: bool, nan: bool) -> float:
        share = self.random.random()
        if share < _LONG_TAIL:
            return math.nan if nan and share < _LONG_TAIL / 4 else self.random.choice((low, high))
        near = share < 0.5 and low <= 1000.0 and high >= -1000.0
        least, most = (max(low, -1000.0), min(high, 1000.0)) if near else (low, high)
        least, most = max(least, -_MOST[single]), min(most, _MOST[single])
        share = self.random.random()
        value = min(max(least * (1 - share) + most * share, least), most)
        return min(max(rounded(value), low), high) if single else value

    def text(self, alphabet: Spans, low: int, high: int) -> str:
        length = self._length(low, high)
        table = _letter_of_byte(alphabet)
        if table is not None:
            return charmap_decode(self.random.randbytes(length), "strict", table)[0]
        return "".join(self.random.choices(letters(alphabet), k=length))

    def _length(self, low: int, high: int) -> int:
        share = self.random.random()
        span = high - low if share < _LONG_TAIL else min(high - low, _REACH)
        share = share / _LONG_TAIL if share < _LONG_TAIL else (share - _LONG_TAIL) / _SHORT
        return low + min(int(share * (span + 1)), span)


def seeded(seed: int) -> Seeded:
    """The choices that *seed* stands for."""
    return Seeded(Random(seed))  # noqa: S311  # tests are to be replayable, not secret


@lru_cache(maxsize=4096)
def letters(alphabet: Spans) -> str:
    """The characters that a text of *alphabet* is made of, simplest first.

    All of a small class; of a large one, what a reader can type and what breaks naive code.
    """
    if alphabet.size <= 512:
        members = [chr(code) for low, high in alphabet.parts for code in range(low, high + 1)]
    else:
        usual = [chr(code) for code in range(0x20, 0x7F)] + list(EXOTIC)
        members = [letter for letter in usual if ord(letter) in alphabet]
        members = members or [chr(alphabet.at(index)) for index in range(512)]
    rank = {letter: index for index, letter in reversed(list(enumerate(NICE)))}
    return "".join(sorted(dict.fromkeys(members), key=lambda c: (rank.get(c, 99), ord(c))))


@lru_cache(maxsize=4096)
def _letter_of_byte(alphabet: Spans) -> str | None:
    """The letter of *alphabet* that each byte stands for; None where there are more of them.

    Random bytes are had some five times faster than random letters.
    """
    found = letters(alphabet)
    if len(found) > 256 or _NO_LETTER in found:
        return None
    return "".join(found[byte % len(found)] for byte in range(256))


_NO_LETTER = "\ufffe"
"""What a character map has where it has nothing."""


def rounded(value: float) -> float:
    """*value* in single precision."""
    return float(struct.unpack("<f", struct.pack("<f", value))[0])
