"""Files of a schema in one pool, linked as far as is asked: of a large schema little is."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import Message
from google.protobuf.reflection import GeneratedProtocolMessageType

from wireproof.schema.image import PackedFile, reached
from wireproof.schema.lazy import lazy
from wireproof.schema.minimal import BYTES, MANY, ONE, Row, minimal
from wireproof.schema.schema import Schema


class Linked:
    """The types of the files *names* of a schema, and what they import, in one pool.

    What a message reads must not depend on what was asked before: files that declare extensions
    are linked first. Whatever links raises UnreadableSource where a file does not.
    """

    def __init__(self, schema: Schema, names: Iterable[str]) -> None:
        self._schema = schema
        self._names = tuple(names)
        self._pool = DescriptorPool()

    @lazy
    def pool(self) -> DescriptorPool:
        """With what is linked by now."""
        self._link([name for name in self._left if _extends(self._schema.by_name[name])])
        return self._pool

    def whole(self) -> DescriptorPool:
        """The pool with all of the files."""
        self._link(self._left)
        return self._pool

    def message(self, full_name: str, file: str) -> Descriptor | None:
        """The message of that name, if *file*, or what is linked by now, declares it."""
        try:
            return self._holding(file).FindMessageTypeByName(full_name)
        except KeyError:
            return None

    def extension(self, full_name: str, file: str) -> FieldDescriptor | None:
        """The extension of that name, likewise."""
        try:
            return self._holding(file).FindExtensionByName(full_name)
        except KeyError:
            return None

    def _holding(self, file: str) -> DescriptorPool:
        pool = self.pool
        if file in self._left:
            self._link([file])
        return pool

    def _link(self, names: Iterable[str]) -> None:
        """Link *names* and what they import, each after its own imports."""
        wanted = reached(names, self._left) & self._left.keys()
        for name in sorted(wanted, key=self._order.__getitem__):
            self._schema.link(self._pool, self._schema.by_name[name], services=False)
            del self._left[name]

    @lazy
    def _left(self) -> dict[str, tuple[str, ...]]:
        """The files that are not linked yet → what they import."""
        ways = {packed.name: packed.imports for packed in self._schema.packed}
        return {name: ways[name] for name in reached(self._names, ways) if name in ways}

    @lazy
    def _order(self) -> dict[str, int]:
        """Where each file stands in the schema: dependencies come first."""
        return {packed.name: position for position, packed in enumerate(self._schema.packed)}


def class_of(message: Descriptor) -> type[Message]:
    """The class of a message, without those of all messages that it leads to: what is held in one
    gets its class when it is looked at.
    """
    names = {"DESCRIPTOR": message, "__module__": None}
    kind: Any = GeneratedProtocolMessageType(message.name, (Message,), names)
    return kind  # type: ignore[no-any-return]  # the stubs take it for a class of no message


def _extends(packed: PackedFile) -> bool:
    """Whether it declares extensions."""
    parts = packed.parts
    # Messages that follow one another are one to a parser, and so are those nested in it, which
    # are said to be one: what any of them extends is found.
    within: Any = _kind().FromString(b"".join(parts.messages))
    while not within.extension and within.HasField("nested"):
        within = within.nested
    return bool(parts.extensions or within.extension)


@cache
def _kind() -> type[Message]:
    rows: tuple[Row, ...] = (("extension", 6, MANY, BYTES), ("nested", 3, ONE, "Message"))
    return minimal("extending", {"Message": rows})["Message"]
