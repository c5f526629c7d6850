"""One package under the name of another: two versions of an API compared, where both stand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from google.protobuf import descriptor_pb2

from wireproof.errors import UnknownName
from wireproof.schema.image import reached
from wireproof.schema.schema import Schema

_NAMING = ("type_name", "extendee", "input_type", "output_type")


def across(schemas: Sequence[Schema], was: str, now: str) -> list[Schema]:
    """The earlier schemas with package *was* alone, called *now*; the last with *now* alone.

    So the comparison tells what differs between the packages, as if one had become the other.
    Raises UnknownName where a schema has no such package.
    """
    *earlier, last = schemas
    return [*(_renamed(schema, was, now) for schema in earlier), _only(last, now)]


def _only(schema: Schema, package: str) -> Schema:
    """The schema in which the files of *package* are its own, and all others are imports."""
    own = frozenset(n for n in schema.own if _within(schema.file(n).package, package))
    if not own:
        packages = tuple(sorted({schema.file(name).package for name in schema.own}))
        raise UnknownName("package", package, packages, where=schema.source)
    return Schema(
        source=schema.source,
        own=own,
        packed=schema.packed,
        modules=schema.modules,
        folder=schema.folder,
        breaking=schema.breaking,
        lint=schema.lint,
        paths=schema.paths,
    )


def _renamed(schema: Schema, was: str, now: str) -> Schema:
    own = _only(schema, was).own
    rename = _renaming(was, now)
    wanted = reached(own, {packed.name: packed.imports for packed in schema.packed})
    kept = [file for file in schema.files if file.name in wanted]
    names = {file.name: rename(file.name) if file.name in own else file.name for file in kept}
    files = [_moved(file, names, was, now, rename=rename) for file in kept]
    modules = {names.get(name, name): module for name, module in schema.modules.items()}
    return Schema(
        files,
        source=f"{schema.source} ({was})",
        own=frozenset(names[name] for name in own),
        modules=modules,
        folder=schema.folder,
        breaking=schema.breaking,
        paths={names.get(name, name): path for name, path in schema.paths.items()},
    )


def _moved(
    file: descriptor_pb2.FileDescriptorProto,
    names: Mapping[str, str],
    was: str,
    now: str,
    *,
    rename: Callable[[str], str],
) -> descriptor_pb2.FileDescriptorProto:
    copy = descriptor_pb2.FileDescriptorProto.FromString(file.SerializeToString())
    copy.name = names[file.name]
    copy.dependency[:] = [names.get(name, name) for name in copy.dependency]
    _refer(copy, f".{was}.", f".{now}.")
    if _within(copy.package, was):
        copy.package = now + copy.package[len(was) :]
        _reword(copy.options, rename)
    return copy


def _refer(message: Any, was: str, now: str) -> None:
    """Every reference to a type of the package, wherever it stands in a descriptor."""
    for field, value in message.ListFields():
        if field.name in _NAMING and value.startswith(was):
            setattr(message, field.name, now + value[len(was) :])
        elif field.message_type and field.name not in ("options", "source_code_info"):
            for inner in value if field.is_repeated else (value,):
                _refer(inner, was, now)


def _reword(options: Any, rename: Callable[[str], str]) -> None:
    """What the options of a file call it in other languages."""
    for field, value in options.ListFields():
        if field.type == field.TYPE_STRING and not field.is_repeated and not field.is_extension:
            setattr(options, field.name, rename(value))


def _renaming(was: str, now: str) -> Callable[[str], str]:
    """A text with one package's name in place of the other's, in the forms that languages use."""
    old, new = was.split("."), now.split(".")
    joins = (".".join, "/".join, "".join, _camel)
    pairs = [(join(old), join(new)) for join in joins]
    pairs += [(join(old[-2:]), join(new[-2:])) for join in joins[2:]]  # userv1, UserV1

    def rename(text: str) -> str:
        for before, after in pairs:
            text = text.replace(before, after)
        return text

    return rename


def _camel(parts: Sequence[str]) -> str:
    return "".join(part.capitalize() for part in parts)


def _within(package: str, outer: str) -> bool:
    return package == outer or package.startswith(f"{outer}.")
