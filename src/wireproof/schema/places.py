"""Where the elements of a file stand in its source."""

from __future__ import annotations

from collections.abc import Iterable

from google.protobuf import descriptor_pb2

from wireproof.schema.encoding import varint
from wireproof.schema.image import locations
from wireproof.schema.lazy import lazy

Path = tuple[int, ...]
Place = tuple[int, int]
"""Line and column, from 1."""

_PATH = b"\n"
"""How a path begins in an encoded location, before its length in bytes."""
_SHORT = 0x80
"""Lengths below it are encoded as one byte."""
_FEW = 4
"""How many places of a file are looked for without an index."""
_Location = descriptor_pb2.SourceCodeInfo.Location


class Places:
    """The source information of one serialized file, unparsed: few places of a file are asked."""

    def __init__(self, file: bytes) -> None:
        self._file = file
        self._asked = 0

    def find(self, path: Path) -> Place | None:
        """Where the element at *path* begins; None where the file does not say."""
        found = self._location(_encoded(path))
        span = _Location.FromString(found).span if found else ()
        return (span[0] + 1, span[1] + 1) if span else None

    def _location(self, path: bytes) -> bytes | None:
        """The encoded location of an encoded path: looked for, until an index is worth its time."""
        self._asked += 1
        if self._asked <= _FEW and len(path) < _SHORT:
            start = _PATH + bytes((len(path),)) + path
            for location in self._locations:
                if location.startswith(start):
                    return location
        return self._by_path.get(path)

    @lazy
    def _locations(self) -> list[bytes]:
        return locations(self._file)

    @lazy
    def _by_path(self) -> dict[bytes, bytes]:
        """Encoded path → encoded location; the first one of a path counts."""
        return {_path(place): place for place in reversed(self._locations)}


def _path(location: bytes) -> bytes:
    """The path of an encoded location, encoded: compilers write it before all else."""
    if location[:1] == _PATH and location[1] < _SHORT:
        return location[2 : location[1] + 2]
    return _encoded(_Location.FromString(location).path)


def _encoded(path: Iterable[int]) -> bytes:
    return b"".join(map(varint, path))
