"""Lint rules over `google.api` annotations that name something: fields, resources, behaviours."""

from __future__ import annotations

from collections.abc import Iterator

from wireproof.lint.http import field_at
from wireproof.lint.linted import BEHAVIOR, REFERENCE, SIGNATURE, Linted
from wireproof.lint.rule import Fault, LintRule
from wireproof.schema.elements import Rpc
from wireproof.schema.fields import Field

_OPTIONAL, _REQUIRED, _OUTPUT_ONLY, _INPUT_ONLY = 1, 2, 3, 4
_AGAINST = (
    (_REQUIRED, _OPTIONAL, "REQUIRED", "OPTIONAL"),
    (_REQUIRED, _OUTPUT_ONLY, "REQUIRED", "OUTPUT_ONLY"),
    (_INPUT_ONLY, _OUTPUT_ONLY, "INPUT_ONLY", "OUTPUT_ONLY"),
)


def unknown_signature(rpc: Rpc, linted: Linted) -> Iterator[Fault]:
    request = linted.message(rpc.request)
    for signature in linted.option(rpc, SIGNATURE) or ():
        for name in filter(None, (part.strip() for part in signature.split(","))):
            if request is not None and field_at(name, request, linted) is None:
                yield Fault(f"fields of {rpc.request}", name)


def unknown_resource(field: Field, linted: Linted) -> Iterator[Fault]:
    """Of a service that declares resources itself: another service's are declared elsewhere."""
    said = linted.option(field, REFERENCE)
    known = linted.resource_types
    services = {one.partition("/")[0] for one in known}
    for name in (said.type, said.child_type) if said is not None else ():
        if name.partition("/")[0] in services and name not in known:
            yield Fault("a declared resource type", name)


def contradicting(field: Field, linted: Linted) -> Iterator[Fault]:
    said = set(linted.option(field, BEHAVIOR) or ())
    for one, other, word, against in _AGAINST:
        if {one, other} <= said:
            yield Fault(word, f"{against} as well")


RULES: tuple[LintRule, ...] = (
    LintRule(
        id="METHOD_SIGNATURE_UNKNOWN_FIELD",
        on=(Rpc,),
        check=unknown_signature,
        says="{subject} has a method_signature with {found}; it names {promised}",
        why="Generators of client libraries stop, or leave the method's shortcut out.",
        fix="Name fields of the request in method_signature.",
    ),
    LintRule(
        id="RESOURCE_REFERENCE_UNKNOWN",
        on=(Field,),
        check=unknown_resource,
        says="{subject} refers to {found}, which is not {promised}",
        why="Readers and tools look for a resource that does not exist.",
        fix="Correct the type, or declare it by google.api.resource or resource_definition.",
    ),
    LintRule(
        id="FIELD_BEHAVIOR_CONTRADICTS",
        on=(Field,),
        check=contradicting,
        says="{subject} is {promised} and {found}",
        why="No client can do both (AIP-203).",
        fix="Keep the one that the service honours.",
    ),
)
