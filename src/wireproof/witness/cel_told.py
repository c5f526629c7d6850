"""All that the rules of a field ask for as forms of CEL: its own and those of its elements."""

from __future__ import annotations

from wireproof.schema.constraints import FieldConstraints, Ignore
from wireproof.witness.cel_equal import THIS, Form, conjuncts, over_all, variable
from wireproof.witness.written import as_cel

_EACH = variable(0)


def told(
    rules: FieldConstraints,
    *,
    floats: bool,
    this: Form = THIS,
    whole: frozenset[Form] = frozenset(),
) -> frozenset[Form]:
    """What is asked of *this*; raises LookupError for what CEL does not say.

    Rules of items are expressions over all of them, and so are those of keys and values.
    """
    own = conjuncts(_expressions(rules), floats=floats, this=this, whole=whole)
    elements = ((rules.items, _EACH), (rules.keys, _EACH), (rules.values, ("index", this, _EACH)))
    return own.union(
        over_all(this, _EACH, form)
        for inner, element in elements
        if inner is not None
        for form in conjuncts(_of_each(inner), floats=floats, this=element, within=1)
    )


def _expressions(rules: FieldConstraints) -> tuple[str, ...]:
    typed = as_cel(rules)
    if typed is None:
        raise LookupError(rules.kind)
    return (*typed, *(cel.expression for cel in rules.all_cel()))


def _of_each(rules: FieldConstraints) -> tuple[str, ...]:
    """The same of an element, which is asked in any case."""
    own = any(not one.plain for one in rules.predefined)
    if own or rules.required or rules.ignore is not Ignore.UNSPECIFIED:
        raise LookupError(rules.kind)
    return _expressions(rules)
