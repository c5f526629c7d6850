"""The descriptors inside generated Go modules, read from their source without building it."""

from __future__ import annotations

import json
import re
import subprocess
import zlib
from collections.abc import Iterable, Iterator, Set
from pathlib import Path

from google.protobuf import descriptor_pb2
from google.protobuf.message import DecodeError

from tools.packaged import Described, described_by
from wireproof.schema.bundled import bundled_names

File = descriptor_pb2.FileDescriptorProto
_HELD = re.compile(
    r"^(?:var|const) (?:file\w*_rawDesc|fileDescriptor\w*)\s*=\s*"
    r'(?P<value>(?:string\()?\[\]byte\{[^}]*\}|""(?:\s*\+\s*"(?:[^"\\\n]|\\.)*")+)',
    re.MULTILINE,
)
_TEXT = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
_ESCAPED = re.compile(r"\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|(.))")
_PLAIN = {"a": 7, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11}
_PRIVATE = frozenset({"internal", "testdata", "testutil"})
_COMMENT = re.compile(r"//.*")
_BYTE = re.compile(r"0x([0-9a-f]{1,2})")


def described(source: str) -> Iterator[File]:
    """Every file whose descriptor a `.pb.go` holds: plain, gzipped (gogo), or as text."""
    for held in _HELD.finditer(source):
        data = _bytes(held["value"])
        try:
            unpacked = zlib.decompress(data, wbits=31) if data[:2] == b"\x1f\x8b" else data
            yield File.FromString(unpacked)
        except (DecodeError, zlib.error):
            continue


def _bytes(literal: str) -> bytes:
    """What a Go literal holds, a list of bytes or a sum of interpreted strings."""
    if literal.startswith('"'):
        return b"".join(_unquoted(text) for text in _TEXT.findall(literal))
    return bytes(int(one, 16) for one in _BYTE.findall(_COMMENT.sub("", literal)))


def _unquoted(text: str) -> bytes:
    parts, at = [], 0
    for found in _ESCAPED.finditer(text):
        parts.append(text[at : found.start()].encode())
        byte, short, long, plain = found.groups()
        if byte:
            parts.append(bytes([int(byte, 16)]))
        elif plain:
            parts.append(bytes([_PLAIN.get(plain, ord(plain))]))
        else:
            parts.append(chr(int(short or long, 16)).encode())
        at = found.end()
    return b"".join((*parts, text[at:].encode()))


def downloaded(module: str, version: str, beside: tuple[str, ...] = ()) -> Described | None:
    """What *module* describes at *version*; None where it cannot be had.

    *beside*: the modules that hold its imports, at the versions that its go.mod asks for.
    """
    folder = _folder(f"{module}@{version}")
    if folder is None:
        return None
    asked = dict(
        re.findall(r"^\s*(?:require )?(\S+) (v\S+)", (folder / "go.mod").read_text(), re.M)
    )
    others = (_folder(f"{one}@{asked[one]}") for one in beside if one in asked)
    own = list(_files(folder))
    imported = [
        file
        for other in others
        if other
        for file in _files(other)
        if file.package != "google.protobuf"  # known, and under its right path
    ]
    names = frozenset(bundled_names()) | {file.name for file in imported}
    _relink(imported, names)
    _relink(own, names | {file.name for file in own})
    return described_by(f"{module}@{version}", own, imported)


def _relink(files: Iterable[File], names: Set[str]) -> None:
    """An import may be longer or shorter than the path it means: Go looks nothing up by it."""
    for file in files:
        for index, wanted in enumerate(file.dependency):
            meant = [name for name in names if _ends(name, wanted) or _ends(wanted, name)]
            if wanted not in names and len(meant) == 1:
                file.dependency[index] = meant[0]


def _ends(path: str, end: str) -> bool:
    return f"/{path}".endswith(f"/{end}")


def _folder(wanted: str) -> Path | None:
    """Where the Go command keeps a module once it has it."""
    done = subprocess.run(
        ["go", "mod", "download", "-json", wanted], capture_output=True, check=False, cwd="/"
    )
    found = json.loads(done.stdout or b"{}")
    return Path(found["Dir"]) if "Dir" in found else None


def _files(folder: Path) -> Iterator[File]:
    """Less those in folders from which no other module may import, and those of tests."""
    for path in sorted([*folder.rglob("*.pb.go"), *folder.rglob("*.pulsar.go")]):
        if not _PRIVATE & {*path.relative_to(folder).parts}:
            yield from described(path.read_text(encoding="utf-8"))
