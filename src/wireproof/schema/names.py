"""How protobuf derives one name from another."""

from __future__ import annotations


def json_name(name: str) -> str:
    """The default JSON name of a field: each underscore dropped, the letter after it in capitals.

    As protoc's ToJsonName does: `foo_bar` → `fooBar`, `foo__bar` → `fooBar`, `_foo` → `Foo`.
    """
    parts = name.split("_")
    return parts[0] + "".join(part[:1].upper() + part[1:] for part in parts[1:])


def parent(full_name: str) -> str:
    """What a name is declared in: `shop.v1.Order.total` → `shop.v1.Order`."""
    return full_name.rpartition(".")[0]


def scoped(scope: str, name: str) -> str:
    """*name* within the package or type *scope*."""
    return f"{scope}.{name}" if scope else name
