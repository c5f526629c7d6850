"""One pattern as an automaton that is determined as it is walked: RE2's unanchored search, exactly.

Anchors and word boundaries are read where they stand, with the character before and the one after.
"""

from __future__ import annotations

from collections.abc import Sequence

from wireproof.values.pattern_classes import PERL
from wireproof.values.pattern_syntax import Alt, Chars, Mark, Node, Rep, Seq
from wireproof.values.spans import Spans

_LARGEST = 4000
"""No larger automaton is built."""
DEAD, MATCHED, START = 0, 1, 2
_WORD = PERL["w"]
_EDGE, _LETTER, _OTHER = "edge", "letter", "other"
_Core = tuple[frozenset[int], str]


class TooLarge(ValueError):
    """An automaton beyond what is worth walking."""


class Automaton:
    """The strings in which *node* finds a match, over *classes* of characters that it never splits.

    States are numbers: DEAD can never match, MATCHED already has, whatever follows.
    """

    def __init__(self, node: Node, classes: Sequence[Spans]) -> None:
        self._empty: list[list[tuple[str, int]]] = []
        self._taking: list[list[tuple[Spans, int]]] = []
        self._first, self._last = self._add(), self._add()
        self._compile(node, self._first, self._last)
        self._kinds = [_LETTER if c.low in _WORD else _OTHER for c in classes]
        self._classes = classes
        self._cores: list[_Core] = [(frozenset(), ""), (frozenset(), ""), (frozenset(), _EDGE)]
        self._numbers: dict[_Core, int] = {self._cores[START]: START}
        self._steps: dict[tuple[int, int], int] = {}
        self._anchored = not any(self._opens(b, a) for b in _INSIDE for a in (*_INSIDE, _EDGE))

    def step(self, state: int, index: int) -> int:
        """The state after a character of the class *index*."""
        if state < START:
            return state
        found = self._steps.get((state, index))
        if found is None:
            found = self._steps[state, index] = self._stepped(state, index)
        return found

    def accepts(self, state: int) -> bool:
        """Whether a string that ends here holds a match."""
        if state < START:
            return state == MATCHED
        core, before = self._cores[state]
        return self._last in self._closure(core | {self._first}, before, _EDGE)

    def _stepped(self, state: int, index: int) -> int:
        core, before = self._cores[state]
        after = self._kinds[index]
        reached = self._closure(core | {self._first}, before, after)
        if self._last in reached:
            return MATCHED
        code = self._classes[index].low
        moved = frozenset(t for s in reached for letters, t in self._taking[s] if code in letters)
        return self._number((moved, after))

    def _number(self, core: _Core) -> int:
        if not core[0] and self._anchored:
            return DEAD
        if core not in self._numbers:
            if len(self._cores) > _LARGEST:
                raise TooLarge
            self._numbers[core] = len(self._cores)
            self._cores.append(core)
        return self._numbers[core]

    def _closure(self, states: frozenset[int], before: str, after: str) -> set[int]:
        found, waiting = set(states), list(states)
        while waiting:
            for mark, target in self._empty[waiting.pop()]:
                if target not in found and _holds(mark, before, after):
                    found.add(target)
                    waiting.append(target)
        return found

    def _opens(self, before: str, after: str) -> bool:
        """Whether a match can begin between two such neighbours."""
        reached = self._closure(frozenset({self._first}), before, after)
        return self._last in reached or any(self._taking[state] for state in reached)

    def _add(self) -> int:
        if len(self._empty) > _LARGEST:
            raise TooLarge
        self._empty.append([])
        self._taking.append([])
        return len(self._empty) - 1

    def _compile(self, node: Node, first: int, last: int) -> None:
        if isinstance(node, Chars):
            self._taking[first].append((node.alphabet, last))
        elif isinstance(node, Mark):
            self._empty[first].append((node.kind, last))
        elif isinstance(node, Alt):
            for branch in node.branches:
                self._compile(branch, first, last)
        elif isinstance(node, Seq):
            self._chain(node.parts, first, last)
        else:
            self._repeat(node, first, last)

    def _chain(self, parts: Sequence[Node], first: int, last: int) -> None:
        for part in parts:
            after = self._add()
            self._compile(part, first, after)
            first = after
        self._empty[first].append(("", last))

    def _repeat(self, node: Rep, first: int, last: int) -> None:
        for _ in range(node.low):
            after = self._add()
            self._compile(node.node, first, after)
            first = after
        if node.high is None:
            # A state of its own, so that the loop does not lead back into what stands before it.
            again = self._add()
            self._empty[first].append(("", again))
            self._compile(node.node, again, again)
            first = again
        for _ in range((node.high or node.low) - node.low):
            after = self._add()
            self._empty[first].append(("", last))
            self._compile(node.node, first, after)
            first = after
        self._empty[first].append(("", last))


_INSIDE = (_LETTER, _OTHER)


def _holds(mark: str, before: str, after: str) -> bool:
    if not mark:
        return True
    if mark == "^":
        return before == _EDGE
    if mark == "$":
        return after == _EDGE
    boundary = (before == _LETTER) != (after == _LETTER)
    return boundary if mark == "b" else not boundary


def alphabets(node: Node) -> set[Spans]:
    """Every class of characters that *node* names, and that of words where it asks for words."""
    if isinstance(node, Chars):
        return {node.alphabet}
    if isinstance(node, Mark):
        return {_WORD} if node.kind in "bB" else set()
    if isinstance(node, Rep):
        return alphabets(node.node)
    parts = node.branches if isinstance(node, Alt) else node.parts
    return set().union(*(alphabets(part) for part in parts)) if parts else set()
