"""What protovalidate itself says of a message: nothing here is called valid on our word alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from google.protobuf.message import EncodeError, Message

from wireproof.errors import WireproofError
from wireproof.schema.schema import Schema


@dataclass(eq=False)
class UnusableRules(WireproofError):
    """Validation rules that protovalidate cannot compile: no service can honour them either."""

    subject: str
    reason: str

    def __str__(self) -> str:
        return f"the validation rules of {self.subject} cannot be compiled: {self.reason}"


class Fault(NamedTuple):
    """One violation, as protovalidate reports it."""

    path: str
    """With subscripts: `users[0].email`, `labels["a"]`; empty for the message itself."""
    place: str
    """Without: `users[*].email`; the key of an entry is `labels[key]`."""
    rule: str
    """The rule's id: `string.min_len`."""


EVALUATION = "evaluation-error"
UNENCODABLE = "missing-proto2-required"


def faults(schema: Schema, message: Message) -> tuple[Fault, ...]:
    """Every violation of *message*; none where it is valid.

    An expression that fails at run time counts as a violation `evaluation-error` of the message.
    Raises UnusableRules where the rules do not compile.
    """
    failed, unusable = _errors()
    try:
        found = schema.validator.collect_violations(message)
    except failed:
        return (Fault("", "", EVALUATION),)
    except EncodeError:
        return (Fault("", "", UNENCODABLE),)
    except unusable as error:
        raise UnusableRules(message.DESCRIPTOR.full_name, str(error)) from error
    return tuple(_fault(violation.proto) for violation in found) if found else ()


@cache
def _errors() -> tuple[type[Exception], type[Exception]]:
    from protovalidate import CompilationError, EvaluationError  # heavy; see Schema.validator

    return EvaluationError, CompilationError


def _fault(violation: Any) -> Fault:
    elements = violation.field.elements if violation.field else ()
    place = ".".join(e.field_name + ("[*]" if e.subscript else "") for e in elements)
    if violation.for_key:
        place = place.removesuffix("[*]") + "[key]"
    return Fault(".".join(map(_written, elements)), place, violation.rule_id)


def _written(element: Any) -> str:
    if element.subscript is None:
        return str(element.field_name)
    value = element.subscript.value
    if isinstance(value, str):
        quoted = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'{element.field_name}["{quoted}"]'
    return f"{element.field_name}[{str(value).lower()}]"
