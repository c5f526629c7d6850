"""What an expression names: the fields it reads, the enum values it knows, the names nobody knows.

CEL as protovalidate runs it knows enum values as numbers only; `rewritten` puts the number in the
place of `api.user.v1.UserStatus.USER_STATUS_ACTIVE`, so that contracts can be read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from google.protobuf.descriptor import (
    Descriptor,
    EnumDescriptor,
    EnumValueDescriptor,
    FieldDescriptor,
)
from google.protobuf.descriptor_pool import DescriptorPool

from wireproof.contracts.parts import closest
from wireproof.contracts.protojson import is_leaf, is_map, map_value
from wireproof.contracts.status import STATUS
from wireproof.schema import cel_syntax as cel


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of one type."""

    item: Type


@dataclass(frozen=True, slots=True)
class MapOf:
    """A map to one type."""

    value: Type


# None is any type that has no fields, or that only a running expression knows.
Type = Descriptor | EnumDescriptor | ListOf | MapOf | None


@dataclass(frozen=True, slots=True)
class Stranger:
    """A name that nothing answers to."""

    subject: str
    words: str


@dataclass(slots=True)
class Names:
    """What one expression names."""

    fields: list[FieldDescriptor] = field(default_factory=list)
    """In the order of their appearance, a path's outer fields first."""
    values: list[EnumValueDescriptor] = field(default_factory=list)
    strangers: list[Stranger] = field(default_factory=list)
    constants: list[tuple[int, int, int]] = field(default_factory=list)
    """Start, end and number of each enum value named in full."""


_EVERYWHERE = frozenset(
    {"now", "rules", "true", "false", "null", "bool", "int", "uint", "double", "string", "bytes"}
    | {"list", "map", "type", "null_type", "dyn", "optional"}
)
_MACROS = frozenset({"all", "exists", "exists_one", "existsOne", "filter", "map"})
_TWO_VARIABLES = frozenset({"all", "exists", "exists_one", "existsOne"})
_EQUAL = frozenset({"==", "!=", "in"})


def names(expression: str, this: Descriptor) -> Names:
    """What *expression* names, `this` being a message. Raises NotCel."""
    walk = _Walk(this)
    walk.type_of(cel.parse(expression), {"this": this})
    return walk.names


def rewritten(expression: str, known: Names) -> str:
    """*expression* with the numbers of the enum values that it names."""
    for start, end, number in sorted(known.constants, reverse=True):
        expression = f"{expression[:start]}{number}{expression[end:]}"
    return expression


class _Walk:
    """One walk over a tree; a class because every step notes what it finds."""

    def __init__(self, this: Descriptor) -> None:
        self.names = Names()
        self.pool: DescriptorPool = this.file.pool
        self.package: str = this.file.package

    def type_of(self, expr: cel.Expr, scope: Mapping[str, Type]) -> Type:
        match expr:
            case cel.Name(name):
                return self.name(name, scope)
            case cel.Select():
                return self.select(expr, scope)
            case cel.Index(of, key):
                self.type_of(key, scope)
                return _item(self.type_of(of, scope))
            case cel.Call():
                return self.call(expr, scope)
            case cel.Several():
                return self.several(expr, scope)
            case cel.Literal():
                return None

    def name(self, name: str, scope: Mapping[str, Type]) -> Type:
        if name not in scope and name not in _EVERYWHERE:
            known = (*scope, "now")
            words = f"CEL knows no {name!r} here{closest(name, known)} (known: {', '.join(known)})"
            self.names.strangers.append(Stranger(name, words))
        return scope.get(name)

    def select(self, expr: cel.Select, scope: Mapping[str, Type]) -> Type:
        if (path := _qualified(expr)) and path[0] not in scope and self.constant(path, expr):
            return None
        of = self.type_of(expr.of, scope)
        if isinstance(of, MapOf):
            return of.value
        if not isinstance(of, Descriptor):
            return None
        selected = of.fields_by_name.get(expr.field)
        if selected is None:
            known = tuple(field.name for field in of.fields)
            holder = "a status has no" if of.full_name == STATUS else f"{of.full_name} has no field"
            words = f"{holder} {expr.field!r}{closest(expr.field, known)}"
            self.names.strangers.append(Stranger(f"{of.full_name}.{expr.field}", words))
            return None
        self.names.fields.append(selected)
        return _of_field(selected)

    def constant(self, path: tuple[str, ...], expr: cel.Select) -> bool:
        """Whether *path* is an enum value, which is then noted."""
        scope = self.package.split(".") if self.package else []
        for depth in range(len(scope), -1, -1):  # as protobuf resolves names: innermost first
            try:
                enum = self.pool.FindEnumTypeByName(".".join((*scope[:depth], *path[:-1])))
            except KeyError:
                continue
            if value := enum.values_by_name.get(path[-1]):
                self.names.values.append(value)
                self.names.constants.append((_start(expr), expr.end, value.number))
                return True
            words = f"{enum.full_name} has no value {path[-1]!r}"
            hint = closest(path[-1], tuple(enum.values_by_name))
            self.names.strangers.append(Stranger(f"{enum.full_name}.{path[-1]}", words + hint))
            return True
        return False

    def call(self, expr: cel.Call, scope: Mapping[str, Type]) -> Type:
        of = self.type_of(expr.of, scope) if expr.of is not None else None
        if expr.of is None or expr.name not in _MACROS or not expr.args:
            for arg in expr.args:
                self.type_of(arg, scope)
            return None
        inner, bodies = _bound(expr, of, scope)
        types = [self.type_of(body, inner) for body in bodies]
        if expr.name == "filter":
            return of
        return ListOf(types[-1]) if expr.name == "map" and types else None

    def several(self, expr: cel.Several, scope: Mapping[str, Type]) -> Type:
        types = [self.type_of(part, scope) for part in expr.parts]
        if expr.what in _EQUAL:
            enum = next((one for one in types if isinstance(one, EnumDescriptor)), None)
            self.numbers(enum, expr.parts)
        if expr.what == "list":
            return ListOf(types[0]) if types else None
        return types[1] if expr.what == "?" else None

    def numbers(self, enum: EnumDescriptor | None, parts: tuple[cel.Expr, ...]) -> None:
        """Note the values that an enum is compared with by number."""
        for part in parts if enum is not None else ():
            if isinstance(part, cel.Several) and part.what == "list":
                self.numbers(enum, part.parts)
            elif isinstance(part, cel.Literal) and isinstance(part.value, int):
                value = enum.values_by_number.get(part.value) if enum else None
                self.names.values.extend([value] if value else [])


def _bound(
    expr: cel.Call, of: Type, scope: Mapping[str, Type]
) -> tuple[Mapping[str, Type], tuple[cel.Expr, ...]]:
    """The scope inside a macro, and what is evaluated in it."""
    count = 2 if expr.name in _TWO_VARIABLES and len(expr.args) == 3 else 1
    variables = [arg.name for arg in expr.args[:count] if isinstance(arg, cel.Name)]
    # A map gives its keys to one variable, a key and a value to two.
    item = None if isinstance(of, MapOf) and count == 1 else _item(of)
    types: list[Type] = [item] if count == 1 else [None, item]
    return {**scope, **dict(zip(variables, types, strict=False))}, expr.args[count:]


def _item(of: Type) -> Type:
    if isinstance(of, ListOf):
        return of.item
    return of.value if isinstance(of, MapOf) else None


def _of_field(selected: FieldDescriptor) -> Type:
    if is_map(selected):
        return MapOf(_one(map_value(selected)))
    return ListOf(_one(selected)) if selected.is_repeated else _one(selected)


def _one(selected: FieldDescriptor) -> Type:
    if selected.enum_type is not None:
        return selected.enum_type
    message = selected.message_type
    return message if message is not None and not is_leaf(message) else None


def _qualified(expr: cel.Expr) -> tuple[str, ...]:
    """`a.b.C.D` as its parts; nothing where it is no plain path."""
    if isinstance(expr, cel.Name):
        return (expr.name,)
    if isinstance(expr, cel.Select):
        path = _qualified(expr.of)
        return (*path, expr.field) if path else ()
    return ()


def _start(expr: cel.Expr) -> int:
    while isinstance(expr, cel.Select):
        expr = expr.of
    return expr.start if isinstance(expr, cel.Name) else 0
