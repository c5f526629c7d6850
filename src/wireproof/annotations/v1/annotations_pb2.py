"""What code generated from a schema that imports annotations.proto imports in its turn.

The installed package `wireproof` hides a module of that name which was generated elsewhere, so it
brings its own, made of the descriptor that it carries anyway.
"""

from typing import TYPE_CHECKING

from google.protobuf import descriptor_pool
from google.protobuf.internal import builder

from wireproof.annotations import descriptor

DESCRIPTOR = descriptor_pool.Default().AddSerializedFile(descriptor())
builder.BuildMessageAndEnumDescriptors(DESCRIPTOR, globals())
builder.BuildTopDescriptorsAndMessages(DESCRIPTOR, __name__, globals())

if TYPE_CHECKING:
    from typing import Any

    def __getattr__(name: str) -> Any: ...
