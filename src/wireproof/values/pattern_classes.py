"""The character classes that RE2 knows by name."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from wireproof.values.source import UNICODE
from wireproof.values.spans import Spans, chars, of, spans


class Unreadable(ValueError):
    """A pattern that is not RE2, or uses what is not known here."""


_DIGIT = spans([(0x30, 0x39)])
_UPPER = spans([(0x41, 0x5A)])
_LOWER = spans([(0x61, 0x7A)])
_ALPHA = _UPPER | _LOWER
_WORD = _ALPHA | _DIGIT | of(0x5F)
_SPACE = chars("\t\n\f\r ")
LINE = UNICODE - of(0x0A)
PERL = {"d": _DIGIT, "w": _WORD, "s": _SPACE}
POSIX = {
    "alnum": _ALPHA | _DIGIT,
    "alpha": _ALPHA,
    "ascii": spans([(0, 0x7F)]),
    "blank": chars("\t "),
    "cntrl": spans([(0, 0x1F), (0x7F, 0x7F)]),
    "digit": _DIGIT,
    "graph": spans([(0x21, 0x7E)]),
    "lower": _LOWER,
    "print": spans([(0x20, 0x7E)]),
    "punct": spans([(0x21, 0x7E)]) - (_ALPHA | _DIGIT),
    "space": chars("\t\n\v\f\r "),
    "upper": _UPPER,
    "word": _WORD,
    "xdigit": _DIGIT | spans([(0x41, 0x46), (0x61, 0x66)]),
}
_SCRIPTS = {
    "Latin": _ALPHA | spans([(0xC0, 0xD6), (0xD8, 0xF6), (0xF8, 0x24F)]),
    "Greek": spans([(0x391, 0x3A1), (0x3A3, 0x3C9)]),
    "Cyrillic": spans([(0x400, 0x481), (0x48A, 0x52F)]),
    "Han": spans([(0x4E00, 0x9FFF)]),
    "Hiragana": spans([(0x3041, 0x3096)]),
    "Katakana": spans([(0x30A1, 0x30FA)]),
    "Hebrew": spans([(0x5D0, 0x5EA)]),
    "Arabic": spans([(0x621, 0x63A), (0x641, 0x64A)]),
    "Thai": spans([(0xE01, 0xE3A)]),
    "Hangul": spans([(0xAC00, 0xD7A3)]),
    "Devanagari": spans([(0x904, 0x939)]),
}


def folded(found: Spans) -> Spans:
    """With both cases of every letter, within what is worth trying."""
    letters = [
        chr(code) for low, high in found.parts for code in range(low, min(high, low + 2000) + 1)
    ]
    other = {c for letter in letters for c in (letter.lower(), letter.upper()) if len(c) == 1}
    return found | chars("".join(other))


@lru_cache(maxsize=256)
def category(name: str) -> Spans:
    """A Unicode category or script, within the basic plane."""
    negated = name.startswith("^")
    name = name.lstrip("^")
    found = _SCRIPTS.get(name) or of(
        *(c for c in range(0x10000) if unicodedata.category(chr(c)).startswith(name))
    ) - spans([(0xD800, 0xDFFF)])
    if not found:
        raise Unreadable(f"unknown category {name}")
    return UNICODE - found if negated else found
