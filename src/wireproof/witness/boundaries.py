"""Values at and just beyond every boundary that two versions' rules state for a field."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from wireproof.schema.constraints import NONE, FieldConstraints, formats_of
from wireproof.values.descriptors import class_of, message_of
from wireproof.values.formats import FORMATS, OCTETS
from wireproof.values.integers import INTEGERS
from wireproof.values.settle import distinct
from wireproof.values.wellknown import LEAVES, WRAPPERS
from wireproof.witness.leaves import leaves, sensible
from wireproof.witness.samples import entry, is_map, singles
from wireproof.witness.words import difference

LONGEST = 2**20
"""No rule's length is tried beyond it."""
LARGEST = 20_000
"""No rule's number of items or entries is tried beyond it."""
_BYTES = ("len_bytes", "min_bytes", "max_bytes")
_REALS = (FieldDescriptor.CPPTYPE_DOUBLE, FieldDescriptor.CPPTYPE_FLOAT)
_UNKNOWN = (-1, 999_999)
_AROUND = (("", ""), ("a", ""), ("", "a"), ("a", "a"))
_FILLERS = 64
_ENOUGH = 3
_PAIRS = 2000

Fits = Callable[[Any], tuple[bool, bool]]
"""Whether the old, and whether the new version accepts a list or map, its size and uniqueness
apart.
"""


@dataclass(frozen=True, slots=True)
class Pair:
    """What the old and the new version say of one value."""

    was: FieldConstraints
    now: FieldConstraints

    def inner(self, name: str) -> Pair:
        """Of its items, keys or values."""
        return Pair(getattr(self.was, name) or NONE, getattr(self.now, name) or NONE)

    def stated(self) -> list[Any]:
        """Every number and text in the typed rules."""
        both = [side.rules for side in (self.was, self.now) if side.rules is not None]
        return list(dict.fromkeys(_stated(both)))


def boundaries(field: FieldDescriptor, pair: Pair, fits: Fits) -> Iterator[Any]:
    """What *field* may hold at, inside and outside the numbers and texts that the rules state."""
    if is_map(field):
        yield from _maps(field, pair, fits)
    elif field.is_repeated:
        yield from _lists(field, pair, fits)
    else:
        yield from _singles(field, pair)


def _stated(rules: Iterable[Any]) -> Iterator[Any]:
    for rule in rules:
        for field, value in rule.ListFields():
            for one in value if field.is_repeated else (value,):
                if not isinstance(one, (bool, Message)):
                    yield one


def _singles(field: FieldDescriptor, pair: Pair) -> Iterator[Any]:
    if field.type in (FieldDescriptor.TYPE_STRING, FieldDescriptor.TYPE_BYTES):
        yield from _texts(field, pair)
    elif field.cpp_type in INTEGERS:
        yield from _integers(field, pair.stated())
    elif field.enum_type is not None:
        known = sorted(set(singles(field)), key=abs)
        yield from dict.fromkeys([*known, *(n for n in pair.stated()), *_UNKNOWN])
    elif field.cpp_type in _REALS:
        yield from _floats(field, pair.stated())
    elif field.message_type is not None:
        yield from _messages(field, pair)
    else:
        yield from (True, False)


def _texts(field: FieldDescriptor, pair: Pair) -> Iterator[Any]:
    if field.type == FieldDescriptor.TYPE_STRING:
        yield from _strings(pair)
        return
    stated = [one for one in pair.stated() if isinstance(one, bytes)]
    yield from (b"a" + one for one in stated)
    coding = "latin-1" if pair.was.rule("pattern") is pair.now.rule("pattern") else "utf-8"
    yield from (text.encode(coding, "replace") for text in _strings(pair))
    yield from (bytes(n) for sizes in OCTETS.values() for size in sizes for n in (size, size + 1))
    yield from stated


def _strings(pair: Pair) -> Iterator[str]:
    stated = pair.stated()
    apart = difference(pair.was, pair.now)
    yield from (*apart.old, *apart.new)
    lengths = sorted({n + by for n in _numbers(stated) for by in (-1, 0, 1)} | {0, 1, 2})
    yield from (letter * n for n in lengths if 0 <= n <= LONGEST for letter in ("a", "é", "1"))
    if any(side.rule(name) is not None for side in (pair.was, pair.now) for name in _BYTES):
        yield from _sized(lengths)
    texts = [one for one in stated if isinstance(one, str)]
    yield from (f"{before}{text}{after}" for text in texts for before, after in _AROUND)
    if not _formal(pair):
        return
    for known in FORMATS.values():
        yield from (*known.valid, *known.invalid)
    bases = [text for known in FORMATS.values() for text in known.valid[:2]]
    yield from (text.ljust(n, "a") for n in lengths if n <= 4096 for text in bases)


def _sized(lengths: Iterable[int]) -> Iterator[str]:
    """Texts of so many characters and so many bytes, where rules may speak of both."""
    pairs = {(n, size) for n in lengths for size in (n, 4 * n, *lengths)}
    pairs |= {(-(-n // 4), n) for n in lengths}
    for count, octets in sorted(pairs):
        if 0 <= count <= octets <= min(4 * count, LONGEST):
            yield _of_size(count, octets)


def _of_size(count: int, octets: int) -> str:
    """Letters of four bytes first, then one of two or three, then of one."""
    wide, rest = divmod(octets - count, 3)
    begin = "\U0001d11e" * wide + ("", "é", "€")[rest]
    return begin + "a" * (count - len(begin))


def _formal(pair: Pair) -> bool:
    """Whether either version asks for a format, or for what only trying can tell."""
    sides = (pair.was, pair.now)
    formats = formats_of(pair.was) | formats_of(pair.now) | {"well_known_regex"}
    return any(side.all_cel() or formats & set(side.names()) for side in sides)


def _numbers(stated: list[Any]) -> list[int]:
    return [int(n) for n in stated if isinstance(n, (int, float)) and abs(n) < 2**64]


def _integers(field: FieldDescriptor, stated: list[Any]) -> Iterator[int]:
    low, high = INTEGERS[field.cpp_type]
    near = (n + by for n in _numbers(stated) for by in (0, -1, 1))
    for one in dict.fromkeys([*near, *range(-2, 3), low, high]):
        if low <= one <= high:
            yield one


def _floats(field: FieldDescriptor, stated: list[Any]) -> Iterator[float]:
    near = _next32 if field.cpp_type == FieldDescriptor.CPPTYPE_FLOAT else math.nextafter
    numbers = [float(one) for one in stated if isinstance(one, (int, float))]
    yield from (n + by for n in numbers for by in (0.0, -1.0, 1.0))
    yield from (near(n, to) for n in numbers for to in (-math.inf, math.inf) if math.isfinite(n))
    yield from (0.0, 1.0, -1.0, 1e30, -1e30, math.nan, math.inf, -math.inf)


def _next32(number: float, toward: float) -> float:
    """The neighbour in single precision."""
    try:
        bits = struct.unpack("<i", struct.pack("<f", number))[0]
    except OverflowError:
        return toward
    if bits in (0, -(2**31)):
        return math.copysign(2**-149, toward)
    step = 1 if (toward > number) == (number > 0) else -1
    return float(struct.unpack("<f", struct.pack("<i", bits + step))[0])


def _messages(field: FieldDescriptor, pair: Pair) -> Iterator[Message]:
    """Wrappers by what they wrap, well-known messages by their meaning, others by a few samples."""
    kind = message_of(field)
    cls = class_of(kind)
    if kind.full_name in WRAPPERS:
        wrapped = _singles(kind.fields_by_name["value"], pair)
        yield from (cls(value=value) for value in wrapped)
    elif kind.full_name in LEAVES:
        yield from leaves(kind, pair.was, pair.now)
    yield from filter(sensible, singles(field))


def _sizes(pair: Pair) -> list[int]:
    near = {n + by for n in _numbers(pair.stated()) for by in (-1, 0, 1)}
    return sorted(n for n in near | set(range(4)) if 0 <= n <= LARGEST)


def _lists(field: FieldDescriptor, pair: Pair, fits: Fits) -> Iterator[list[Any]]:
    items = list(_unique(_singles(field, pair.inner("items"))))
    low = max(pair.was.rule("min_items", 0), pair.now.rule("min_items", 0), 1)
    sizes = _sizes(pair)
    for good in _fitting(items, _numbered(field), max(sizes), lambda one: fits([one])):
        for size in sizes if good else ():
            yield [good[index % len(good)] for index in range(size)]
            yield good[:1] * size
        for one in items:
            rest = [other for other in good[: low + 1] if other != one]
            yield [one, *(rest[index % len(rest)] for index in range(low - 1) if rest)]


def _fitting(tried: list[Any], more: Iterator[Any], count: int, fits: Fits) -> Iterator[list[Any]]:
    """Different values that both versions accept: at most *count* of them, and a few besides.

    Where there are hardly any, also those that only the old and only the new version accepts.
    """
    judged = [(one, fits(one)) for one in tried[:_FILLERS]]
    both = [one for one, told in judged if all(told)]
    missed = 0
    for one in more if len(both) <= count else ():
        if len(both) > count + 2 or missed > _FILLERS:
            break
        judged.append((one, fits(one)))
        if all(judged[-1][1]):
            both.append(one)
        else:
            missed += 1
    yield both
    if len(both) < _ENOUGH:
        yield from ([one for one, told in judged if told[side]] for side in (0, 1))


def _numbered(field: FieldDescriptor) -> Iterator[Any]:
    """As many different values as a long list needs."""
    if field.type == FieldDescriptor.TYPE_STRING:
        return (f"k{index}" for index in range(LARGEST + 2))
    if field.type == FieldDescriptor.TYPE_BYTES:
        return (b"k%d" % index for index in range(LARGEST + 2))
    if field.cpp_type in INTEGERS or field.cpp_type in _REALS:
        return iter(range(3, LARGEST + 2))
    return iter(())


def _maps(field: FieldDescriptor, pair: Pair, fits: Fits) -> Iterator[dict[Any, Any]]:
    key, value = entry(field)
    keys, values = (
        list(_unique(_singles(part, pair.inner(name))))
        for part, name in ((key, "keys"), (value, "values"))
    )
    entries = ((k, v) for v in values for k in keys[:_FILLERS])
    plain = next((v for k, v in islice(entries, _PAIRS) if all(fits({k: v}))), values[0])
    low = max(pair.was.rule("min_pairs", 0), pair.now.rule("min_pairs", 0), 1)
    most = max(_sizes(pair))
    for good in _fitting(keys, _numbered(key), most, lambda k: fits({k: plain})):
        yield from (dict.fromkeys(good[:n], plain) for n in _sizes(pair) if n <= len(good))
        rest = dict.fromkeys(good[: low - 1], plain)
        yield from ({one: plain, **rest} for one in keys)
        if good:
            yield from ({**dict.fromkeys(good[:low], plain), good[0]: one} for one in values)


def _unique(values: Iterable[Any]) -> Iterator[Any]:
    return (value for _, value in distinct(("", value) for value in values))
