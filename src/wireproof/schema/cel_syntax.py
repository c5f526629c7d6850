"""The syntax of CEL, read into a tree: which fields and enum values an expression names.

protovalidate evaluates expressions and keeps their trees to itself. This reader knows the grammar
of cel-spec (doc/langdef.md, "Syntax") and nothing of evaluation.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

_TOKEN = re.compile(
    r"""(?P<space>\s+|//[^\n]*)
    |(?P<string>[rRbB]{0,2}(?:'''(?:\\.|[^\\])*?'''|\"\"\"(?:\\.|[^\\])*?\"\"\"
        |'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"))
    |(?P<number>0[xX][0-9a-fA-F]+[uU]?|[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+
        |\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[uU]?)
    |(?P<name>[_a-zA-Z][_a-zA-Z0-9]*|`[^`]+`)
    |(?P<op>==|!=|<=|>=|&&|\|\||[-+*/%!?:.,<>()\[\]{}])""",
    re.VERBOSE | re.DOTALL,
)
_LEVELS: tuple[tuple[str, ...], ...] = (
    ("||",),
    ("&&",),
    ("<", "<=", ">", ">=", "==", "!=", "in"),
    ("+", "-"),
    ("*", "/", "%"),
)


@dataclass(frozen=True, slots=True)
class Name:
    """A variable (`this` is one) or the root of a qualified name."""

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Select:
    """`of.field`."""

    of: Expr
    field: str
    start: int
    """Where the field's name stands."""
    end: int


@dataclass(frozen=True, slots=True)
class Index:
    """`of[key]`."""

    of: Expr
    key: Expr


@dataclass(frozen=True, slots=True)
class Call:
    """`of.name(…)`, or `name(…)` where *of* is absent."""

    of: Expr | None
    name: str
    args: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Literal:
    """A number or a string; *value* is None for what is neither an integer nor plain text."""

    value: int | str | None
    text: str = ""
    """As it is written."""


@dataclass(frozen=True, slots=True)
class Several:
    """An operator over its operands, a list, a map, a message being built."""

    what: str
    parts: tuple[Expr, ...]


Expr = Name | Select | Index | Call | Literal | Several


class NotCel(ValueError):
    """Text that the grammar does not know."""


def parse(text: str) -> Expr:
    """The tree of an expression. Raises NotCel."""
    try:
        return _Parser(text).whole()
    except RecursionError:
        raise NotCel("it nests too deep") from None


class _Parser:
    """Recursive descent; a class because every step needs the tokens and the place."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = list(_tokens(text))
        self.at = 0

    def whole(self) -> Expr:
        expression = self.ternary()
        if self.kind != "end":
            raise self.no("the end")
        return expression

    @property
    def kind(self) -> str:
        return self.tokens[self.at][0]

    @property
    def token(self) -> str:
        return self.tokens[self.at][1]

    @property
    def opens(self) -> bool:
        """Whether a brace opens next."""
        return self.tokens[self.at][:2] == ("op", "{")

    def next(self) -> tuple[str, str, int, int]:
        self.at += 1
        return self.tokens[self.at - 1]

    def took(self, *ops: str) -> str:
        """The operator that comes next, consumed, if it is one of *ops*."""
        if self.kind in ("op", "name") and self.token in ops:
            return self.next()[1]
        return ""

    def expect(self, op: str) -> None:
        if not self.took(op):
            raise self.no(repr(op))

    def no(self, wanted: str) -> NotCel:
        found = repr(self.token) if self.kind != "end" else "the end"
        return NotCel(f"column {self.tokens[self.at][2] + 1}: {found} where {wanted} should be")

    def ternary(self) -> Expr:
        condition = self.binary(0)
        if not self.took("?"):
            return condition
        yes = self.binary(0)
        self.expect(":")
        return Several("?", (condition, yes, self.ternary()))

    def binary(self, level: int) -> Expr:
        if level == len(_LEVELS):
            return self.unary()
        left = self.binary(level + 1)
        while op := self.took(*_LEVELS[level]):
            left = Several(op, (left, self.binary(level + 1)))
        return left

    def unary(self) -> Expr:
        if op := self.took("!", "-"):
            return Several(op, (self.unary(),))
        return self.member()

    def member(self) -> Expr:
        expression = self.primary()
        while True:
            if self.took("."):
                expression = self.selected(expression)
            elif self.took("["):
                expression = Index(expression, self.ternary())
                self.expect("]")
            elif self.opens and isinstance(expression, Name | Select):
                expression = Several("message", self.entries())
            else:
                return expression

    def selected(self, of: Expr) -> Expr:
        if self.kind != "name":
            raise self.no("a field")
        _, name, start, end = self.next()
        if self.took("("):
            return Call(of, name, self.args(")"))
        return Select(of, name.strip("`"), start, end)

    def primary(self) -> Expr:
        if self.took("("):
            inner = self.ternary()
            self.expect(")")
            return inner
        if self.took("["):
            return Several("list", self.args("]"))
        if self.opens:
            return Several("map", self.entries())
        self.took(".")
        kind, token, start, end = self.tokens[self.at]
        if kind not in ("name", "number", "string"):
            raise self.no("a value")
        self.next()
        if kind != "name":
            return Literal(_literal(kind, token), token)
        if self.took("("):
            return Call(None, token, self.args(")"))
        return Name(token, start, end)

    def args(self, close: str) -> tuple[Expr, ...]:
        args: list[Expr] = []
        while not self.took(close):
            args.append(self.ternary())
            if not self.took(","):
                self.expect(close)
                break
        return tuple(args)

    def entries(self) -> tuple[Expr, ...]:
        """The values (and of maps the keys) of `{key: value, …}`."""
        self.expect("{")
        parts: list[Expr] = []
        while not self.took("}"):
            key = self.ternary()
            parts.extend([] if isinstance(key, Name) else [key])
            self.expect(":")
            parts.append(self.ternary())
            if not self.took(","):
                self.expect("}")
                break
        return tuple(parts)


def _tokens(text: str) -> Iterator[tuple[str, str, int, int]]:
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise NotCel(f"column {at + 1}: {text[at]!r} means nothing in CEL")
        at = match.end()
        kind: Any = match.lastgroup
        if kind != "space":
            yield kind, match[0], match.start(), match.end()
    yield "end", "", at, at


def _literal(kind: str, token: str) -> int | str | None:
    if kind == "string":
        plain = token[0] in "'\"" and not token.startswith(("'''", '"""')) and "\\" not in token
        return token[1:-1] if plain else None
    try:
        return int(token.rstrip("uU"), 0)
    except ValueError:  # a fraction, or 0 before digits
        return None
