"""Random sets of files: packages, imports (public ones too), types spread over them."""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool
from grpc_tools import protoc

from tests.rules.random_files import KNOWN, random_file
from wireproof.schema.schema import Schema

_Field = descriptor_pb2.FieldDescriptorProto
_File = descriptor_pb2.FileDescriptorProto
Files = list[_File]
PACKAGES = ("r", "r", "s", "r.t")
_PLACES = ("message_type", "enum_type", "extension", "service")


def random_files(rng: random.Random) -> Files:
    """One to four files in which types refer to one another, also across files and packages."""
    file = random_file(rng)
    count = rng.choice([1, 2, 2, 3, 4])
    return [file] if count == 1 else _spread(file, count, rng)


def _spread(file: _File, count: int, rng: random.Random) -> Files:
    """The elements of *file* in layers of which each knows only itself and those before."""
    files, homes = [_File() for _ in range(count)], dict[str, int]()
    for index, one in enumerate(files):
        one.CopyFrom(file)
        for place in _PLACES:
            one.ClearField(place)  # type: ignore[arg-type]
        one.name = f"r{index or ''}.proto"
        one.package = "r" if not index else rng.choice(PACKAGES)
    for place in _PLACES:
        for element in getattr(file, place):
            index = 0 if element.name == "A" else rng.randrange(count)
            getattr(files[index], place).append(element)
            homes[f".{file.package}.{element.name}"] = index
    for index, one in enumerate(files):
        _look_back(one, {name for name, home in homes.items() if home <= index}, rng)
    names = {name: f".{files[i].package}.{name.split('.')[2]}" for name, i in homes.items()}
    retarget(files, names)
    for one in files:
        import_missing(files, one)
        if one.dependency and rng.random() < 0.4:
            one.public_dependency.append(rng.randrange(len(one.dependency)))
    return files


def _look_back(file: _File, seen: set[str], rng: random.Random) -> None:
    """References to what is not *seen* go to something of the same kind that is."""
    for holder in [file, *(m for _, m in _all_messages(file))]:
        kept = [x for x in holder.extension if _top(x.extendee) in seen]
        del holder.extension[:]
        holder.extension.extend(kept)
    for node, name in references(file):
        target = getattr(node, name)
        if target.startswith(".google.") or _top(target) in seen:
            continue
        if getattr(node, "type", None) == _Field.TYPE_ENUM:
            enums = sorted(one for one in seen if one in (".r.E", ".r.F"))
            node.type = _Field.TYPE_ENUM if enums else _Field.TYPE_INT32
            node.type_name = rng.choice(enums or [""])
        else:
            setattr(node, name, rng.choice(sorted(n for n in seen if n[3:] in "ABCDWM")))


def _top(name: str) -> str:
    """`.r.A` of `.r.A.I`."""
    return ".".join(name.split(".")[:3])


def references(file: _File) -> Iterator[tuple[Any, str]]:
    """Every place in *file* that names a type: the descriptor and its field."""
    for service in file.service:
        for method in service.method:
            yield method, "input_type"
            yield method, "output_type"
    for holder in [file, *(message for _, message in _all_messages(file))]:
        for field in (*getattr(holder, "field", ()), *holder.extension):
            yield from ((field, name) for name in ("type_name", "extendee") if getattr(field, name))


def _all_messages(file: _File) -> Iterator[tuple[str, Any]]:
    waiting: list[tuple[str, Any]] = [(f".{file.package}.{m.name}", m) for m in file.message_type]
    while waiting:
        scope, message = waiting.pop()
        yield scope, message
        waiting += [(f"{scope}.{nested.name}", nested) for nested in message.nested_type]


def retarget(files: Sequence[_File], names: Mapping[str, str]) -> None:
    """Have every reference to a type of *names*, or to one inside it, name it anew."""
    for node, name in (one for file in files for one in references(file)):
        target = getattr(node, name)
        for old, new in names.items():
            if target == old or target.startswith(f"{old}."):
                setattr(node, name, new + target[len(old) :])
                break


def import_missing(files: Sequence[_File], file: _File) -> None:
    """Import what *file* refers to and does not see, by public imports either."""
    home = {name: one.name for one in files for name in declared(one)}
    wanted = {home.get(getattr(node, name), file.name) for node, name in references(file)}
    for missing in sorted(wanted - _visible(files, file)):
        file.dependency.append(missing)


def declared(file: _File) -> Iterator[str]:
    """Every type of *file*, as references name it."""
    yield from (f".{file.package}.{enum.name}" for enum in file.enum_type)
    for scope, message in _all_messages(file):
        yield scope
        yield from (f"{scope}.{enum.name}" for enum in message.enum_type)


def _visible(files: Sequence[_File], file: _File) -> set[str]:
    by_name = {one.name: one for one in files}
    found, waiting = {file.name}, [*file.dependency]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            one = by_name.get(name, _File())
            indices = (i for i in one.public_dependency if i < len(one.dependency))
            waiting += [one.dependency[index] for index in indices]
    return found


def linked(files: Sequence[_File], beside: Sequence[_File] = ()) -> Schema | None:
    """The schema of *files*, which may import those *beside*; None where protoc refuses them."""
    ordered = _ordered(files)
    whole = descriptor_pb2.FileDescriptorSet(file=[*_known_files(), *beside, *ordered])
    if not ordered or not whole.IsInitialized():
        return None
    names = [file.name for file in ordered]
    with tempfile.NamedTemporaryFile(suffix=".binpb") as image:
        Path(image.name).write_bytes(whole.SerializeToString())
        arguments = ("protoc", f"--descriptor_set_in={image.name}", f"-o{os.devnull}", *names)
        with _silent():
            if protoc.main(arguments) != 0:
                return None
    pool = descriptor_pool.DescriptorPool()
    try:
        for one in whole.file:
            pool.Add(one)
    except (TypeError, ValueError):
        return None
    return Schema(whole.file, source="random", own=frozenset(names))


def _ordered(files: Sequence[_File]) -> Files:
    """Each after what it imports; empty where they import in a circle."""
    by_name = {file.name: file for file in files}
    graph = {one.name: [d for d in one.dependency if d in by_name] for one in files}
    try:
        return [by_name[name] for name in TopologicalSorter(graph).static_order()]
    except CycleError:
        return []


@cache
def _known_files() -> tuple[_File, ...]:
    return tuple(_File.FromString(module.DESCRIPTOR.serialized_pb) for module in KNOWN)


@contextmanager
def _silent() -> Iterator[None]:
    """Without protoc's complaints, which go past Python's stderr."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
