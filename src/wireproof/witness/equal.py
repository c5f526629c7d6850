"""Whether trying the boundaries settles that two versions' rules allow the same."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from wireproof.schema.constraints import NONE, Cel, FieldConstraints, Ignore, formats_of
from wireproof.witness.boundaries import LARGEST, LONGEST, Pair
from wireproof.witness.cel_equal import Form, conjuncts
from wireproof.witness.cel_renamed import UNKNOWN, Both, element_of, renamed
from wireproof.witness.cel_told import told
from wireproof.witness.samples import is_map
from wireproof.witness.words import REGULAR, difference

if TYPE_CHECKING:
    from wireproof.witness.trials import Trial, Trials

_WALKED = frozenset({"pattern", "prefix", "suffix", "contains", "not_contains"})
_FLOATS = (FieldDescriptor.CPPTYPE_FLOAT, FieldDescriptor.CPPTYPE_DOUBLE)
_INNER = ("items", "keys", "values")
_SIZES = frozenset({"min_items", "max_items", "min_pairs", "max_pairs"})


def unsettled(pair: Pair, held: Both = UNKNOWN, *, floats: bool) -> bool:
    """Whether the rules differ in what no boundary exhausts: CEL, formats, some patterns.

    *held*: what the rules are about in both versions; *floats*: whether a number may be NaN.
    """
    if pair.was.kind and pair.now.kind and pair.was.kind != pair.now.kind:
        return False  # another type, which is told as such
    was, now = pair.was, pair.now
    if _said_alike(was, now, held, floats=floats):
        return False
    inner = {"keys": UNKNOWN, "items": _elements(held), "values": _elements(held)}
    if any(
        unsettled(pair.inner(name), inner[name], floats=floats)
        for name in _INNER
        if _has(pair, name)
    ):
        return True
    cel = [expressions(one.all_cel(), floats=floats) for one in (was, now)]
    if renamed(cel[0], held) != cel[1] or _own(was) != _own(now):
        return True
    apart = {name for name in _names(was) | _names(now) if was.rule(name) != now.rule(name)}
    apart -= {"example", *_INNER}
    formats = _tried(was) | _tried(now) | {"well_known_regex", "strict"}
    if apart & formats:
        return _formats(was) != _formats(now)
    return bool(apart) and _unsure(pair, apart)


def _elements(held: Both) -> Both:
    return element_of(held[0]), element_of(held[1])


def _tried(rules: FieldConstraints) -> frozenset[str]:
    """The formats that only trying tells apart: of bytes, each is a matter of their number."""
    return formats_of(rules) - REGULAR.keys() if rules.kind == "string" else frozenset()


def _said_alike(was: FieldConstraints, now: FieldConstraints, held: Both, *, floats: bool) -> bool:
    """Whether rules of one version are expressions of the other, all told."""
    if _own(was) != _own(now) or _when(was) != _when(now):
        return False
    try:
        return renamed(told(was, floats=floats), held) == told(now, floats=floats)
    except LookupError:
        return False


def _when(rules: FieldConstraints) -> tuple[bool, Any]:
    """Whether the value must be set, and whether the rules are asked of it at all."""
    return rules.required, rules.ignore


def _has(pair: Pair, name: str) -> bool:
    return bool(getattr(pair.was, name) or getattr(pair.now, name))


def _unsure(pair: Pair, apart: set[str]) -> bool:
    was, now = pair.was, pair.now
    if "within" in apart:
        return True  # the clock goes on between the two trials
    if was.all_cel() or now.all_cel() or _formats(was) or _formats(now):
        return True
    walked = _WALKED | (REGULAR.keys() if "string" in (was.kind, now.kind) else set())
    if apart & walked or any(_names(side) & walked for side in (was, now)):
        return not difference(was, now).complete
    stated = [one for name in apart for side in (was, now) for one in _listed(side.rule(name))]
    sizes = [one for one in stated if isinstance(one, int)]
    if was.kind in ("string", "bytes") or now.kind in ("string", "bytes"):
        return any(size > LONGEST for size in sizes)
    return bool(apart & _SIZES) and any(size > LARGEST for size in sizes)


def _listed(value: Any) -> tuple[Any, ...]:
    return value if isinstance(value, tuple) else (value,)


def expressions(cels: Iterable[Cel], *, floats: bool) -> frozenset[Form]:
    """What is asked, whatever it is called and in whatever words."""
    return conjuncts((cel.expression for cel in cels), floats=floats)


def with_messages(pair: Pair, fields: tuple[Any, Any], trials: Trials) -> Pair:
    """The rules of a field with those that the messages in it ask for themselves: the two may
    change places.
    """
    both = zip(trials, fields, (pair.was, pair.now), strict=True)
    return Pair(*(_with_message(trial, field, rules) for trial, field, rules in both))


def _with_message(trial: Trial, field: Any, rules: FieldConstraints) -> FieldConstraints:
    entry = field.message_type if is_map(field) else None
    held = entry.fields_by_name["value"].message_type if entry else field.message_type
    asked = trial.constraints.message(held).cel if held else ()
    if not asked:
        return rules
    if entry:
        return replace(rules, values=_asking(rules.values or NONE, asked))
    if field.is_repeated:
        return replace(rules, items=_asking(rules.items or NONE, asked))
    return _asking(rules, asked)


def _asking(rules: FieldConstraints, more: tuple[Cel, ...]) -> FieldConstraints:
    """*rules* with *more*, unless they say that nothing is asked."""
    ignored = rules.ignore is Ignore.ALWAYS
    return rules if ignored else replace(rules, cel=(*rules.cel, *more))


def may_be_nan(field: FieldDescriptor) -> bool:
    """Whether the field holds a number that may be NaN, or a message with one."""
    return field.cpp_type in _FLOATS or (
        field.message_type is not None and holds_floats(field.message_type)
    )


def holds_floats(message: Descriptor) -> bool:
    """Whether the message, or one within it, has a field that may be NaN."""
    seen: set[str] = set()
    waiting = [message]
    while waiting:
        one = waiting.pop()
        if one.full_name not in seen:
            seen.add(one.full_name)
            if any(field.cpp_type in _FLOATS for field in one.fields):
                return True
            waiting += [field.message_type for field in one.fields if field.message_type]
    return False


def _own(rules: FieldConstraints) -> list[tuple[str, Any]]:
    """The rules of a schema's own, but for those that say no more than their expressions."""
    return [(one.name, _value(one.value)) for one in rules.predefined if not one.plain]


def _value(value: Any) -> Any:
    if isinstance(value, Message):
        return value.SerializeToString(deterministic=True)
    return tuple(value) if hasattr(value, "__iter__") and not isinstance(value, str) else value


def _names(rules: FieldConstraints) -> set[str]:
    return {name for name in rules.names() if rules.rule(name) not in (False, None)}


def _formats(rules: FieldConstraints) -> set[tuple[str, Any]]:
    names = _tried(rules) | {"well_known_regex"}
    found = {(n, rules.rule(n)) for n in names if rules.rule(n)}
    strict = rules.rule("strict") is False and any(n == "well_known_regex" for n, _ in found)
    return found | ({("strict", False)} if strict else set())
