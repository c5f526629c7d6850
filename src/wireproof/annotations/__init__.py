"""Wireproof's own annotations, as the descriptor that the wheel carries.

`make generate` makes the image from schemas/wireproof; a test holds the two together.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

from google.protobuf import descriptor_pb2

NAME = "wireproof/annotations/v1/annotations.proto"
"""What a schema imports."""


@cache
def descriptor() -> bytes:
    """The serialized FileDescriptorProto of annotations.proto, without comments."""
    image = resources.files(__name__).joinpath("annotations.binpb").read_bytes()
    (file,) = descriptor_pb2.FileDescriptorSet.FromString(image).file
    return bytes(file.SerializeToString())
