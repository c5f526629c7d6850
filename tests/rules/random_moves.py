"""Random edits across files: types change their file, package or nesting, files their names."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from google.protobuf import descriptor_pb2

from tests.rules.random_files import copied, messages
from tests.rules.random_sets import PACKAGES, Files, declared, retarget

_File = descriptor_pb2.FileDescriptorProto


def moved(files: Files, rng: random.Random) -> str:
    """Move something somewhere else, with all that refers to it."""
    return rng.choice(_MOVES)(files, rng)


def _to_file(files: Files, rng: random.Random) -> str:
    home = rng.choice(files)
    there = rng.choice(files) if rng.random() < 0.7 else _fresh(files, home, rng)
    if there is home or not (place := _place(home, rng)):
        return "nothing"
    element = _taken(getattr(home, place), rng)
    getattr(there, place).append(element)
    if place != "extension":
        _renamed(files, f".{home.package}.{element.name}", f".{there.package}.{element.name}")
    return f"{home.name} {element.name} to {there.name} in {there.package}"


def _place(file: _File, rng: random.Random) -> str:
    places = ("message_type", "enum_type", "extension", "service")
    return rng.choice([place for place in places if len(getattr(file, place))] or [""])


def _taken(elements: Any, rng: random.Random) -> Any:
    index = rng.randrange(len(elements))
    element = copied(elements[index])
    del elements[index]
    return element


def _renamed(files: Files, old: str, new: str) -> None:
    if old != new:
        retarget(files, {old: new})


def _fresh(files: Files, like: _File, rng: random.Random) -> _File:
    file = _File(package=rng.choice(PACKAGES), syntax=like.syntax)
    file.name = f"fresh{len(files)}.proto"
    file.dependency.extend(one for one in like.dependency if one.startswith("google/"))
    if like.HasField("edition"):
        file.edition = like.edition
    file.options.features.CopyFrom(like.options.features)
    files.append(file)
    return file


def _to_package(files: Files, rng: random.Random) -> str:
    file = rng.choice(files)
    package = rng.choice([*PACKAGES, "u"])
    if any(one is not file and one.package == file.package for one in files):
        names = {name: f".{package}{name[len(file.package) + 1 :]}" for name in declared(file)}
        retarget(files, names)
    else:
        retarget(files, {f".{file.package}": f".{package}"})
    file.package = package
    return f"{file.name} to package {package}"


def _to_name(files: Files, rng: random.Random) -> str:
    file, name = rng.choice(files), f"named{rng.randint(0, 9)}.proto"
    for one in files:
        for index, imported in enumerate(one.dependency):
            if imported == file.name:
                one.dependency[index] = name
    was, file.name = file.name, name
    return f"{was} to {name}"


def _inwards(files: Files, rng: random.Random) -> str:
    """A message of the top level into another one."""
    file = rng.choice(files)
    if len(file.message_type) < 2:
        return "nothing"
    message = _taken(file.message_type, rng)
    scope, holder = rng.choice([*messages(file)])
    holder.nested_type.append(message)
    _renamed(files, f".{file.package}.{message.name}", f".{scope}.{message.name}")
    return f"{message.name} into {scope}"


def _outwards(files: Files, rng: random.Random) -> str:
    """A message within another one to the top level."""
    file = rng.choice(files)
    held = [
        (scope, holder, index)
        for scope, holder in messages(file)
        for index, nested in enumerate(holder.nested_type)
        if not nested.options.map_entry
    ]
    if not held:
        return "nothing"
    scope, holder, index = rng.choice(held)
    message = copied(holder.nested_type[index])
    del holder.nested_type[index]
    file.message_type.append(message)
    _renamed(files, f".{scope}.{message.name}", f".{file.package}.{message.name}")
    return f"{message.name} out of {scope}"


def _in_public(files: Files, rng: random.Random) -> str:
    """An import becomes public, or is public no more."""
    file = rng.choice(files)
    if not file.dependency:
        return "nothing"
    index = rng.randrange(len(file.dependency))
    public = {*file.public_dependency} ^ {index}
    del file.public_dependency[:]
    file.public_dependency.extend(sorted(public))
    return f"{file.name} public {file.dependency[index]}"


def _merged(files: Files, rng: random.Random) -> str:
    """All of a file into another one of its package."""
    if len(files) < 2:
        return "nothing"
    gone, kept = rng.sample(files, 2)
    if gone.package != kept.package:
        return "nothing"
    for place in ("message_type", "enum_type", "extension", "service"):
        getattr(kept, place).extend(copied(one) for one in getattr(gone, place))
    for one in files:
        others = [name for name in one.dependency if name not in (gone.name, kept.name)]
        del one.dependency[:], one.public_dependency[:]
        one.dependency.extend(others)
    files.remove(gone)
    return f"{gone.name} merged into {kept.name}"


_MOVES: tuple[Callable[[Files, random.Random], str], ...] = (
    _to_file,
    _to_file,
    _to_package,
    _to_name,
    _inwards,
    _outwards,
    _in_public,
    _merged,
)
