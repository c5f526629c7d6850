"""Lint rules over what elements say of themselves: deprecation, redaction, reserved names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from wireproof.lint.linted import Linted
from wireproof.lint.rule import Fault, LintRule
from wireproof.rules.promises_options import comment_of, tells_where_to_go
from wireproof.schema.annotated import ANNOTATION
from wireproof.schema.elements import EnumType, EnumValue, MessageType, Rpc, Service
from wireproof.schema.fields import Field

_PERSONAL = 2
"""`DATA_CLASS_PERSONAL`: it and what stands above it appear in no log."""


def deprecated(element: Any, _: Linted) -> Iterator[Fault]:
    if not element.proto.options.deprecated:
        return
    comment = comment_of(element)
    if comment is not None and not tells_where_to_go(comment):
        yield Fault("a comment that names what replaces it, or its last day", "deprecated")


def unredacted(field: Field, linted: Linted) -> Iterator[Fault]:
    said = linted.option(field, ANNOTATION)
    data_class = getattr(said, "data_class", 0)
    if data_class >= _PERSONAL and not field.proto.options.debug_redact:
        kind = said.DESCRIPTOR.fields_by_name["data_class"].enum_type
        yield Fault("debug_redact = true", kind.values_by_number[data_class].name)


def nameless(element: MessageType | EnumType, _: Linted) -> Iterator[Fault]:
    """Single numbers that are reserved were used once: so were their names."""
    singles = [first for first, last in element.reserved if first == last]
    if singles and not element.proto.reserved_name:
        numbers = ", ".join(map(str, singles))
        yield Fault("the names of the reserved numbers reserved too", f"reserved {numbers}")


RULES: tuple[LintRule, ...] = (
    LintRule(
        id="DEPRECATED_WITHOUT_SUCCESSOR",
        on=(MessageType, Field, EnumType, EnumValue, Service, Rpc),
        check=deprecated,
        says="{subject} is deprecated, and no comment says what to use instead or until when",
        why="Whoever uses it has to know where to go, and by when.",
        fix="Say in its comment what replaces it, and when it will be removed.",
    ),
    LintRule(
        id="PERSONAL_DATA_SHOWN",
        on=(Field,),
        check=unredacted,
        says="{subject} holds what no log may show ({found}), and is printed in clear",
        why="Debug output of every language's runtime shows the field unless it is redacted.",
        fix="Add `debug_redact = true` to the field.",
    ),
    LintRule(
        id="RESERVED_WITHOUT_NAMES",
        on=(MessageType, EnumType),
        check=nameless,
        says="{subject} has {found} and reserves no name",
        why="In JSON and in code a name that comes back is read as what it was.",
        fix="Reserve the names that the numbers had.",
        opt_in=True,
    ),
)
