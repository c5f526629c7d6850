"""Lint rules over what requests and replies are made of: bounds, and pages."""

from __future__ import annotations

from collections.abc import Iterator

from wireproof.lint.linted import Linted
from wireproof.lint.rule import Fault, LintRule
from wireproof.schema.constraints import FieldConstraints, formats_of
from wireproof.schema.elements import MessageType, Rpc
from wireproof.schema.fields import Field
from wireproof.schema.roles import ANYWHERE

_TEXT_BOUNDS = ("len", "max_len", "len_bytes", "max_bytes", "const", "in")
_LIST_BOUNDS = ("max_items", "max_pairs")


def unbounded(field: Field, linted: Linted) -> Iterator[Fault]:
    role = linted.role(field.holder)
    if field.is_extension or role is ANYWHERE or not role.request:
        return
    rules = linted.rules(field)
    if field.repeated:
        if not _bounded(rules, _LIST_BOUNDS):
            yield Fault("a bound on how many", field.held)
    elif field.kind in ("string", "bytes") and not (
        _bounded(rules, _TEXT_BOUNDS) or formats_of(rules)
    ):
        yield Fault("a bound on its length", field.held)


def _bounded(rules: FieldConstraints, names: tuple[str, ...]) -> bool:
    return any(rules.rule(name) is not None for name in names)


def unpaged(rpc: Rpc, linted: Linted) -> Iterator[Fault]:
    """AIP-158: page_size and page_token in the request, next_page_token in the reply."""
    request, response = linted.message(rpc.request), linted.message(rpc.response)
    if request is None or response is None or rpc.style != "unary":
        return
    token, following = request.by_name.get("page_token"), response.by_name.get("next_page_token")
    if following is not None and token is None:
        yield Fault("page_token in the request", "next_page_token in the reply")
    if token is not None and following is None:
        yield Fault("next_page_token in the reply", "page_token in the request")
    if token is not None and following is not None and not _sized(request):
        yield Fault("page_size in the request", "page_token without it")


def _sized(request: MessageType) -> bool:
    return bool({"page_size", "max_results"} & request.by_name.keys())


RULES: tuple[LintRule, ...] = (
    LintRule(
        id="REQUEST_UNBOUNDED",
        on=(Field,),
        check=unbounded,
        says="{subject} ({found}) is sent by clients without {promised}",
        why="One request may then be as large as the transport lets it be.",
        fix="Add max_len, max_bytes, max_items or max_pairs, as large as anyone needs.",
        opt_in=True,
    ),
    LintRule(
        id="PAGE_FIELDS_UNPAIRED",
        on=(Rpc,),
        check=unpaged,
        says="{subject} has {found}, and no {promised}",
        why="Clients can ask for the next page, or learn its token, but not both (AIP-158).",
        fix="Pair page_size and page_token in the request with next_page_token in the reply.",
    ),
)
