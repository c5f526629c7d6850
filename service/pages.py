"""Keyset pagination: the order of a list, and the token that says where a page ended."""

from __future__ import annotations

from dataclasses import replace

from service import errors
from service.model import Order, Query, Role, Status, User
from service.tokens import ForeignTokenError, Tokens

DEFAULT_SIZE = 50
LARGEST_SIZE = 100
DEFAULT_ORDER = "created_at"
KIND = "page"


def order(text: str) -> Order:
    """What `role desc, display_name` asks for, made total by user_id; its syntax is right."""
    named: dict[str, bool] = {}
    for part in (text.strip() or DEFAULT_ORDER).split(","):
        name, *direction = part.split()
        named.setdefault(name, direction == ["desc"])
    named.setdefault("user_id", False)
    return tuple(named.items())


def query(
    tokens: Tokens,
    *,
    page_size: int,
    page_token: str,
    status: Status | None,
    role: Role | None,
    order_by: str,
    show_deleted: bool = False,
) -> Query:
    """The page that a request asks for. Refuses tokens of other queries and of other servers."""
    asked = Query(
        order=order(order_by),
        limit=min(page_size or DEFAULT_SIZE, LARGEST_SIZE),
        status=status,
        role=role,
        show_deleted=show_deleted,
    )
    if not page_token:
        return asked
    try:
        bound, after = tokens.open(KIND, page_token)
    except ForeignTokenError:
        raise errors.page_token_invalid("not issued by this server") from None
    if bound != _binding(asked):
        raise errors.page_token_invalid("issued for another filter or order_by")
    return replace(asked, after=tuple(after))


def next_token(tokens: Tokens, asked: Query, last: User) -> str:
    """The token of the page that follows `last`."""
    after = [getattr(last, name) for name, _ in asked.order]
    return tokens.seal(KIND, [_binding(asked), after])


def _binding(asked: Query) -> list[object]:
    fields = [f"{name} desc" if descending else name for name, descending in asked.order]
    deleted = ["deleted"] if asked.show_deleted else []
    return [",".join(fields), asked.status or 0, asked.role or 0, *deleted]
