"""Places are found in a file's source information, by search first and by index later."""

from __future__ import annotations

from google.protobuf import descriptor_pb2

from wireproof.schema.places import Places

_ASKED = range(12)
"""More than are looked for without an index."""


def test_every_place_is_found_however_many_are_asked_for() -> None:
    file = descriptor_pb2.FileDescriptorProto(name="a.proto")
    for index in _ASKED:
        file.source_code_info.location.add(path=(4, index), span=(index, 2, 9))
    places = Places(file.SerializeToString())
    assert [places.find((4, index)) for index in _ASKED] == [(index + 1, 3) for index in _ASKED]


def test_the_first_place_of_a_path_counts() -> None:
    file = descriptor_pb2.FileDescriptorProto(name="a.proto")
    for line in (3, 7):
        file.source_code_info.location.add(path=(4, 0), span=(line, 0, 1))
    places = Places(file.SerializeToString())
    assert {places.find((4, 0)) for _ in _ASKED} == {(4, 1)}


def test_no_place_is_made_up() -> None:
    file = descriptor_pb2.FileDescriptorProto(name="a.proto")
    file.source_code_info.location.add(path=(4, 0, 2, 1), span=(1, 0, 1))
    file.source_code_info.location.add()
    places = Places(file.SerializeToString())
    assert [places.find(path) for path in ((4, 0), (4, 0, 2), (4,), (5, 0, 2, 1))] == [None] * 4
