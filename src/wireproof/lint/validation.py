"""Lint rules over validation rules: usable, and satisfiable.

What is called contradictory is proved so: by the rules' own arithmetic, or by protovalidate, asked
about every value that could still be allowed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from google.protobuf.message import EncodeError, Message

from wireproof.lint.linted import Linted
from wireproof.lint.rule import Fault, LintRule
from wireproof.schema.constraints import FIELD_RULES, FieldConstraints
from wireproof.schema.elements import Element, MessageType
from wireproof.schema.fields import Field

_MISTYPED = re.compile(r"overload|undeclared|no[_ ]such[_ ](field|attribute|member)", re.I)
_PAIRS = (
    ("min_len", "max_len"),
    ("min_bytes", "max_bytes"),
    ("min_items", "max_items"),
    ("min_pairs", "max_pairs"),
)


def unusable(message: MessageType, linted: Linted) -> Iterator[Fault]:
    if not _has_rules(message, linted):
        return
    from protovalidate import CompilationError, EvaluationError  # heavy; few schemas have rules

    try:
        linted.schema.validator.collect_violations(_touched(message.full_name, linted))
    except CompilationError as error:
        yield Fault("rules that protovalidate can compile", " ".join(str(error).split()))
    except EvaluationError as error:
        if _MISTYPED.search(str(error)):  # other failures may be of this one message
            yield Fault("expressions of the types that they judge", " ".join(str(error).split()))
    except EncodeError:  # a required field of proto2, which no rule is about
        return


def _touched(full_name: str, linted: Linted) -> Message:
    """A message in which every field that can be is present: rules of absent ones do not run."""
    found = linted.schema.message_class(full_name)()
    for field in found.DESCRIPTOR.fields:
        if not field.is_repeated and field.has_presence:
            if field.message_type is None:
                setattr(found, field.name, field.default_value)
            else:
                getattr(found, field.name).SetInParent()
    return found


def _has_rules(message: MessageType, linted: Linted) -> bool:
    elements: tuple[Element, ...] = (message, *message.fields, *message.oneofs)
    optioned = any(element.proto.HasField("options") for element in elements)
    return optioned and linted.schema.extension(FIELD_RULES) is not None


def contradictory(field: Field, linted: Linted) -> Iterator[Fault]:
    if field.is_extension or not field.proto.HasField("options"):
        return
    rules = linted.rules(field)
    for part, told in (("", rules), ("items.", rules.items), ("values.", rules.values)):
        if told is not None:
            yield from _contradiction(part, told)


def _contradiction(part: str, rules: FieldConstraints) -> Iterator[Fault]:
    for low, high in _PAIRS:
        least, most = rules.rule(low), rules.rule(high)
        if least is not None and most is not None and least > most:
            yield Fault(f"{part}{low} up to {high}", f"{low} = {least}, {high} = {most}")
    exact = rules.rule("len")
    for bound, wrong in (("min_len", 1), ("max_len", -1)):
        limit = rules.rule(bound)
        if exact is not None and limit is not None and (limit - exact) * wrong > 0:
            yield Fault(f"{part}len within {bound}", f"len = {exact}, {bound} = {limit}")
    yield from _outside(part, rules)


def _outside(part: str, rules: FieldConstraints) -> Iterator[Fault]:
    """Listed values that every other rule refuses, and ranges that hold no number."""
    const, listed, barred = rules.rule("const"), rules.rule("in"), rules.rule("not_in") or ()
    given = (const,) if const is not None else listed
    if given is not None:
        fitting = [v for v in given if _fits(v, rules) and v not in barred]
        if listed is not None:
            fitting = [v for v in fitting if v in listed]
        if not fitting:
            name = "const" if const is not None else "in"
            told = const if const is not None else ", ".join(map(str, listed))
            yield Fault(f"{part}{name} within the other rules", f"{name} = {told}")
    elif _empty(rules):
        bounds = (n for n in ("gt", "gte", "lt", "lte") if rules.rule(n) is not None)
        told = ", ".join(f"{name} = {rules.rule(name)}" for name in bounds)
        yield Fault(f"{part}a range with a value in it", told)


def _fits(value: Any, rules: FieldConstraints) -> bool:
    """Whether *value* lies within the lengths and, where it is a number, the range."""
    if isinstance(value, (str, bytes)):
        low, high = rules.rule("min_len", 0), rules.rule("max_len")
        exact = rules.rule("len")
        fits = len(value) >= low and (high is None or len(value) <= high)
        return fits and exact in (None, len(value))
    return not isinstance(value, (int, float)) or _within(value, rules)


def _within(value: float, rules: FieldConstraints) -> bool:
    above, below = _lower(rules), _upper(rules)
    over = above is None or value > above[0] or (above[1] and value == above[0])
    under = below is None or value < below[0] or (below[1] and value == below[0])
    if above is not None and below is not None and below[0] < above[0]:
        return over or under  # protovalidate reads such a pair as everything outside
    return over and under


def _lower(rules: FieldConstraints) -> tuple[Any, bool] | None:
    """The lower bound, and whether it belongs to the range."""
    found = ((rules.rule(name), name == "gte") for name in ("gt", "gte"))
    return next((pair for pair in found if pair[0] is not None), None)


def _upper(rules: FieldConstraints) -> tuple[Any, bool] | None:
    found = ((rules.rule(name), name == "lte") for name in ("lt", "lte"))
    return next((pair for pair in found if pair[0] is not None), None)


def _empty(rules: FieldConstraints) -> bool:
    above, below = _lower(rules), _upper(rules)
    if above is None or below is None or not isinstance(above[0], (int, float)):
        return False
    (low, closed_low), (high, closed_high) = above, below
    if low == high:
        return not (closed_low and closed_high)
    whole = isinstance(low, int) and isinstance(high, int)
    return whole and not closed_low and not closed_high and high - low == 1


RULES: tuple[LintRule, ...] = (
    LintRule(
        id="VALIDATION_UNUSABLE",
        on=(MessageType,),
        check=unusable,
        says="{subject} has validation rules that nobody can honour: {found}",
        why="A validator refuses to judge any message of the type.",
        fix="Correct the expression, or use the rules of the field's own type.",
        buf=("PROTOVALIDATE",),
    ),
    LintRule(
        id="VALIDATION_CONTRADICTORY",
        on=(Field,),
        check=contradictory,
        says="{subject} accepts no value: {found}",
        why="Every message that sets the field is refused.",
        fix="Correct the rule that was meant otherwise.",
        buf=("PROTOVALIDATE",),
    ),
)
