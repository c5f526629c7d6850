"""The descriptors inside generated Python modules, read from their source without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from functools import cache
from importlib.metadata import Distribution, distribution, distributions
from pathlib import Path

from google.protobuf import descriptor_pb2
from google.protobuf.message import DecodeError

from tests.cases.compiled import bundled, compiled
from wireproof.schema.bundled import bundled_names
from wireproof.schema.schema import Schema

File = descriptor_pb2.FileDescriptorProto
APART = Path(__file__).parents[1] / ".venv/schemas"
"""Packages that would write over modules of others, had they been installed among them."""
_SHIM = "google/longrunning/operations_proto.proto"


CALLS = (b"AddSerializedFile", b"serialized_pb")
"""What the source of a module says that hands a file to the descriptor pool."""


def described(source: bytes) -> Iterator[File]:
    """Every file that a generated module hands to the descriptor pool."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and (data := _serialized(node)):
            try:
                yield File.FromString(data)
            except DecodeError:
                continue


def _serialized(call: ast.Call) -> bytes | None:
    """The argument of `AddSerializedFile`, or `serialized_pb` of older generators."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    given = call.args[:1] if name == "AddSerializedFile" else []
    if name == "FileDescriptor":
        given = [one.value for one in call.keywords if one.arg == "serialized_pb"]
    for one in given:
        if isinstance(one, ast.Constant) and isinstance(one.value, bytes):
            return one.value
    return None


@dataclass(frozen=True, slots=True)
class Described:
    """The files that a package describes at one version, and what lies beside them, by name."""

    source: str
    own: Mapping[str, File]
    imported: Mapping[str, File]

    def schema(self, without: Set[str] = frozenset()) -> Schema:
        """All files whose imports are to be had *without* some of them."""
        known = {**self.imported, **self.own}
        complete = _ordered(self.own, {n: f for n, f in known.items() if n not in without})
        own = frozenset(self.own) & {file.name for file in complete}
        return Schema(complete, source=self.source, own=own)


def described_by(source: str, own: Iterable[File], imported: Iterable[File] = ()) -> Described:
    """What *source* describes, with the well-known files beside what is *imported*."""
    beside = {file.name: file for file in (*_well_known(), *imported)}
    return Described(source, {file.name: file for file in own}, beside)


def comparable(old: Described, new: Described) -> tuple[Schema, Schema, frozenset[str]]:
    """Both without the files that one of them has and cannot link, and the names of those."""
    left_out: frozenset[str] = frozenset()
    while True:
        sides = old.schema(left_out), new.schema(left_out)
        unlinked = {*old.own} - sides[0].own | {*new.own} - sides[1].own
        if unlinked == left_out:
            return (*sides, left_out)
        left_out = frozenset(unlinked)


def installed_schema(package: str) -> Schema:
    """What the installed *package* describes, with its imports; PackageNotFoundError without it."""
    modules = [one for one in _installed(package).files or () if one.name.endswith("_pb2.py")]
    sources = (Path(str(one.locate())).read_bytes() for one in modules)
    return described_by(package, (f for source in sources for f in described(source))).schema()


def _installed(package: str) -> Distribution:
    """Beside the environment where it lies there, else in it."""
    found = next(iter(distributions(name=package, path=[str(APART)])), None)
    return found or distribution(package)


@cache
def _well_known() -> tuple[File, ...]:
    return compiled(Path(bundled()), *sorted(bundled_names() - {_SHIM})).files


def _ordered(wanted: Iterable[str], known: Mapping[str, File]) -> list[File]:
    """The files whose imports are all there, after what they import."""
    done: dict[str, File | None] = {}

    def complete(name: str) -> bool:
        if name not in done:
            done[name] = None  # a file that imports itself never links
            file = known.get(name)
            if file is not None and all(complete(other) for other in file.dependency):
                done.pop(name)
                done[name] = file
        return done[name] is not None

    for name in sorted(wanted):
        complete(name)
    return [file for file in done.values() if file is not None]
