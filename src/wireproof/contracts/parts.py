"""What a part of a file must be, and the one sentence that refuses it otherwise."""

from __future__ import annotations

from difflib import get_close_matches
from typing import NoReturn

from wireproof.contracts.located import Node
from wireproof.errors import MalformedFile
from wireproof.finding import Location

_WORDS = {dict: "a mapping", list: "a list", bool: "a boolean", str: "text", type(None): "nothing"}


class Parts:
    """The parts of one file; every refusal names *path*, line and column."""

    def __init__(self, path: str) -> None:
        self.path = path

    def mapping(
        self, node: Node, what: str, known: tuple[str, ...] = (), needs: tuple[str, ...] = ()
    ) -> dict[str, Node]:
        """A mapping, of *known* keys only where any are given, with those that it *needs*."""
        pairs = node.value
        if not isinstance(pairs, dict):
            self.refuse(node, f"{what} must be a mapping, not {_kind(node)}")
        for key, value in pairs.items():
            if known and key not in known:
                hint = closest(key, known)
                self.refuse(value, f"{what} has no {key!r}{hint} (known: {', '.join(known)})")
        for key in needs:
            if key not in pairs:
                self.refuse(node, f"{what} needs {key}")
        return pairs

    def items(self, node: Node | None, what: str) -> list[Node]:
        """A list; an empty one where there is nothing."""
        if node is None:
            return []
        if not isinstance(node.value, list):
            self.refuse(node, f"{what} must be a list, not {_kind(node)}")
        return node.value

    def text(self, node: Node, what: str) -> str:
        """Text that is not empty."""
        if not isinstance(node.value, str):
            literal = isinstance(node.value, bool | int | float)
            fix = f": quote it ('{node}')" if literal else ""
            self.refuse(node, f"{what} must be text, not {_kind(node)}{fix}")
        if not node.value:
            self.refuse(node, f"{what} must not be empty")
        return node.value

    def flag(self, node: Node | None, what: str, *, default: bool = False) -> bool:
        """True or false."""
        if node is None:
            return default
        if not isinstance(node.value, bool):
            self.refuse(node, f"{what} must be true or false, not {_kind(node)}")
        return node.value

    def place(self, node: Node) -> Location:
        line, column = node.named_at
        return Location(self.path, line, column)

    def refuse(self, node: Node | Location, reason: str) -> NoReturn:
        at = node if isinstance(node, Location) else self.place(node)
        raise MalformedFile(self.path, at.line, reason, at.column)


def closest(name: str, known: tuple[str, ...]) -> str:
    """`; did you mean …?` where one of *known* is close to *name*."""
    close = get_close_matches(name, known, n=1)
    return f"; did you mean {close[0]}?" if close else ""


def _kind(node: Node) -> str:
    return _WORDS.get(type(node.value), "a number")
