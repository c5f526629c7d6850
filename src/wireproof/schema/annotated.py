"""Where what decides roles stands in encoded options: our annotations and `google.api.http`."""

from __future__ import annotations

from google.protobuf.descriptor_pb2 import MethodDescriptorProto

ANNOTATION = 52719
"""The extension number of all of Wireproof's annotations."""
STORED = 1
"""The field of `(message)` that says that it is kept."""
REPLIES_VALID = 6
"""The field of `(method)` by which it promises valid replies."""
HTTP = 72295728
"""The extension number of `google.api.http`."""
_TAG = b"\xfa\xde\x19"
"""How an annotation begins in encoded options: its number, then bytes of a known length."""
_HTTP_TAG = b"\x82\xd3\xe4\x93\x02"
"""How `google.api.http` begins in encoded options."""


def annotates(file: bytes) -> bool:
    """Whether a serialized file may hold an annotation: most hold none, and are not searched."""
    return _TAG in file


def binds(file: bytes) -> bool:
    """Whether a serialized file, or the options of a method, may bind to HTTP."""
    return _HTTP_TAG in file


def is_bound(method: MethodDescriptorProto) -> bool:
    """Whether a method can be called over HTTP."""
    return method.HasField("options") and binds(method.options.SerializeToString())
