"""Where the elements of a file stand in its source."""

from __future__ import annotations

from collections.abc import Iterable

from google.protobuf import descriptor_pb2

from wireproof.schema.image import locations
from wireproof.schema.lazy import lazy

Path = tuple[int, ...]
Place = tuple[int, int]
"""Line and column, from 1."""

_Location = descriptor_pb2.SourceCodeInfo.Location


class Places:
    """The source information of one serialized file: indexed unparsed, as few places are asked."""

    def __init__(self, file: bytes) -> None:
        self._file = file

    def find(self, path: Path) -> Place | None:
        """Where the element at *path* begins; None where the file does not say."""
        found = self._by_path.get(_encoded(path))
        span = _Location.FromString(found).span if found else ()
        return (span[0] + 1, span[1] + 1) if span else None

    @lazy
    def _by_path(self) -> dict[bytes, bytes]:
        """Encoded path → encoded location; the first one of a path counts."""
        return {_path(place): place for place in reversed(locations(self._file))}


def _path(location: bytes) -> bytes:
    """The path of an encoded location, encoded: compilers write it before all else."""
    if location[:1] == b"\n" and location[1] < 0x80:
        return location[2 : location[1] + 2]
    return _encoded(_Location.FromString(location).path)


def _encoded(path: Iterable[int]) -> bytes:
    return b"".join(map(_varint, path))


def _varint(number: int) -> bytes:
    parts = []
    while number >= 0x80:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes((*parts, number))
