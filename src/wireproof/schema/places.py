"""Where the elements of a file stand in its source."""

from __future__ import annotations

from functools import cached_property

from google.protobuf import descriptor_pb2

Path = tuple[int, ...]
Place = tuple[int, int]
"""Line and column, from 1."""

_FEW = 8


class Places:
    """The source information of one file: searched for a few elements, indexed for many."""

    def __init__(self, info: descriptor_pb2.SourceCodeInfo) -> None:
        self._info = info
        self._asked = 0

    def find(self, path: Path) -> Place | None:
        """Where the element at *path* begins; None where the file does not say."""
        self._asked += 1
        if self._asked > _FEW:
            return self._all.get(path)
        for place in self._info.location:
            if len(place.path) == len(path) and tuple(place.path) == path:
                return _place(place)
        return None

    @cached_property
    def _all(self) -> dict[Path, Place]:
        return {tuple(place.path): _place(place) for place in self._info.location if place.span}


def _place(place: descriptor_pb2.SourceCodeInfo.Location) -> Place:
    return place.span[0] + 1, place.span[1] + 1
