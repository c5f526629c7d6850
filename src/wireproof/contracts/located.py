"""YAML as ProtoJSON needs it: text stays text, and every value knows its line.

YAML 1.1 reads `no` as a boolean, `2027-01-31` as a date and `1_000` as a number. Here a plain
scalar means what it would mean in JSON (true, false, null, a JSON number) and is a string
otherwise; a quoted one is always a string.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from wireproof.errors import MalformedFile

_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$")
_WORDS = {"true": True, "false": False, "null": None, "": None}
_DEEPEST = 100
_MOST = 100_000
_TOO_MUCH = "it nests too deep or repeats too much"


@dataclass(frozen=True, slots=True)
class Node:
    """A value of a file and where it stands; lines and columns count from 1."""

    value: str | int | float | bool | dict[str, Node] | list[Node] | None
    line: int
    column: int
    key: tuple[int, int] | None = None
    """Line and column of the key that names it, in a mapping."""

    @property
    def named_at(self) -> tuple[int, int]:
        return self.key or (self.line, self.column)

    def plain(self) -> Any:
        """The value without its places, as `json.loads` would give it."""
        if isinstance(self.value, dict):
            return {name: node.plain() for name, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def strings(self) -> Iterator[Node]:
        """Every string in it."""
        if isinstance(self.value, dict):
            for node in self.value.values():
                yield from node.strings()
        elif isinstance(self.value, list):
            for node in self.value:
                yield from node.strings()
        elif isinstance(self.value, str):
            yield self

    def with_strings(self, change: Callable[[Node], Any]) -> Node:
        """A copy in which each string is what *change* makes of it."""
        if isinstance(self.value, dict):
            pairs = {name: node.with_strings(change) for name, node in self.value.items()}
            return replace(self, value=pairs)
        if isinstance(self.value, list):
            return replace(self, value=[node.with_strings(change) for node in self.value])
        if isinstance(self.value, str):
            return replace(self, value=change(self))
        return self

    def __str__(self) -> str:
        return json.dumps(self.plain(), ensure_ascii=False)


class _Loader(yaml.SafeLoader):
    """Composes only; the resolvers of YAML 1.1 are not asked."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - PyYAML's attribute


def read_located(path: Path, *, name: str = "") -> Node:
    """The single document of a YAML (or JSON) file, which errors call *name*, if given.

    Raises MalformedFile where there is no such file, where it is no YAML, names a key twice, or
    nests without end.
    """
    name = name or str(path)
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise MalformedFile(name, None, error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise MalformedFile(name, None, "it is no UTF-8 text") from error
    return _Reading(name).document(text)


class _Reading:
    """One file being read; a class because every step needs the path and the count."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.seen = 0

    def document(self, text: str) -> Node:
        loader = _Loader(text)
        try:
            root = loader.get_single_node()
        except yaml.YAMLError as error:
            raise self._no_yaml(error, text) from error
        except RecursionError:
            raise MalformedFile(self.path, None, _TOO_MUCH) from None
        finally:
            loader.dispose()
        if root is None:
            raise MalformedFile(self.path, None, "it is empty")
        return self.node(root, depth=0, key=None)

    def node(self, node: Any, depth: int, key: tuple[int, int] | None) -> Node:
        line, column = _place(node)
        self.seen += 1
        if depth > _DEEPEST or self.seen > _MOST:  # aliases can nest or multiply without end
            raise MalformedFile(self.path, line, _TOO_MUCH, column)
        if isinstance(node, yaml.MappingNode):
            return Node(self.pairs(node, depth), line, column, key)
        if isinstance(node, yaml.SequenceNode):
            items = [self.node(item, depth + 1, None) for item in node.value]
            return Node(items, line, column, key)
        return Node(_scalar(node), line, column, key)

    def pairs(self, node: Any, depth: int) -> dict[str, Node]:
        pairs: dict[str, Node] = {}
        for key, value in node.value:
            place = _place(key)
            if not isinstance(key, yaml.ScalarNode):
                raise MalformedFile(self.path, place[0], "a key must be a plain name", place[1])
            if key.value in pairs:
                reason = f"{key.value} is given twice"
                raise MalformedFile(self.path, place[0], reason, place[1])
            pairs[key.value] = self.node(value, depth + 1, place)
        return pairs

    def _no_yaml(self, error: yaml.YAMLError, text: str) -> MalformedFile:
        mark = getattr(error, "problem_mark", None)
        reason = f"it is no YAML: {getattr(error, 'problem', None) or error}"
        if mark is None:
            return MalformedFile(self.path, None, reason)
        if "${" in "".join(text.splitlines()[mark.line : mark.line + 1]):
            reason += " (put quotes around text with ${…} in it)"
        return MalformedFile(self.path, mark.line + 1, reason, mark.column + 1)


def _place(node: Any) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1


def _scalar(node: Any) -> str | int | float | bool | None:
    text: str = node.value
    if node.style is not None:  # quoted, or a block
        return text
    if text in _WORDS:
        return _WORDS[text]
    if match := _NUMBER.match(text):
        return float(text) if match[2] or match[3] else int(text)
    return text
