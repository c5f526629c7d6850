"""A tree of strings compiled into a function that writes one of them, with few choices."""

from __future__ import annotations

from collections.abc import Callable

from wireproof.values.pattern_syntax import Alt, Chars, Mark, Node, Rep, Seq
from wireproof.values.source import Source

Writer = Callable[[Source], str]

_LETTERS = 16
"""How far an endless run of one class goes."""
_PARTS = 3
"""How often an endless group is repeated."""


def writer(node: Node) -> Writer:
    """Writes strings of *node* of whatever length comes about; `pattern.sample` aims for one.

    Where there is none, the empty string, for others to refuse.
    """
    fixed = _fixed(node) if writable(node) else ""
    if fixed is not None:
        return lambda _: fixed
    if isinstance(node, Seq):
        return _sequence(node)
    if isinstance(node, Alt):
        return _choice(node)
    if isinstance(node, Rep):
        return _repetition(node)
    assert isinstance(node, Chars)
    alphabet = node.alphabet
    return lambda source: source.text(alphabet, 1, 1)


def writable(node: Node) -> bool:
    """Whether there is a string of *node*: other rules may have left a class no characters."""
    if isinstance(node, Chars):
        return bool(node.alphabet)
    if isinstance(node, Seq):
        return all(map(writable, node.parts))
    if isinstance(node, Alt):
        return any(map(writable, node.branches))
    return not isinstance(node, Rep) or not node.low or writable(node.node)


def _fixed(node: Node) -> str | None:
    """The only string of *node*, where that is plain to see."""
    if isinstance(node, Mark):
        return ""
    if isinstance(node, Chars):
        return chr(node.alphabet.low) if node.alphabet.size == 1 else None
    if isinstance(node, Seq):
        parts = [_fixed(part) for part in node.parts]
        return None if None in parts else "".join(part or "" for part in parts)
    if isinstance(node, Rep) and node.low == node.high:
        part = _fixed(node.node)
        return None if part is None else part * node.low
    return None


def _sequence(node: Seq) -> Writer:
    writers = tuple(writer(part) for part in _joined(node.parts))
    return lambda source: "".join([write(source) for write in writers])


def _joined(parts: tuple[Node, ...]) -> list[Node]:
    """*parts* with neighbours that are fixed taken together."""
    found: list[Node] = []
    for part in parts:
        previous = found[-1] if found else None
        if previous is not None and _fixed(previous) is not None and _fixed(part) is not None:
            found[-1] = Seq((previous, part))
        else:
            found.append(part)
    return found


def _choice(node: Alt) -> Writer:
    writers = tuple(writer(branch) for branch in node.branches if writable(branch))
    last = len(writers) - 1
    return lambda source: writers[source.integer(0, last, 0)](source)


def _repetition(node: Rep) -> Writer:
    low = node.low
    if not writable(node.node):
        return lambda _: ""
    if isinstance(node.node, Chars):
        alphabet = node.node.alphabet
        high = low + _LETTERS if node.high is None else min(node.high, low + _LETTERS)
        return lambda source: source.text(alphabet, low, high)
    inner = writer(node.node)
    high = low + _PARTS if node.high is None else min(node.high, low + _PARTS)

    def write(source: Source) -> str:
        return "".join([inner(source) for _ in range(source.integer(low, high, low))])

    return write
