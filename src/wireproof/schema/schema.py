"""A schema: every file of a module at one version, in a descriptor pool of its own."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.descriptor import (
    Descriptor,
    FieldDescriptor,
    MethodDescriptor,
    ServiceDescriptor,
)
from google.protobuf.message import DecodeError, Message
from google.protobuf.unknown_fields import UnknownFieldSet

from wireproof.errors import UnknownName, UnreadableSource

if TYPE_CHECKING:
    from protovalidate import Validator


class Schema:
    """The files of one version of a module and what they mean.

    *files* come with their imports, dependencies first; *own* names those that the module itself
    declares, the rest are imports. *source* is where the schema came from, as its user wrote it.
    Two schemas never share a pool, so two versions of one message live side by side.
    """

    def __init__(
        self,
        files: tuple[descriptor_pb2.FileDescriptorProto, ...],
        *,
        source: str,
        own: frozenset[str],
    ) -> None:
        self.files = files
        self.source = source
        self.own = own

    @cached_property
    def digest(self) -> str:
        """`sha256:` and the hash of what the files declare; comments do not count."""
        whole = hashlib.sha256()
        for file in sorted(self.files, key=lambda file: file.name):
            bare = descriptor_pb2.FileDescriptorProto()
            bare.CopyFrom(file)
            bare.ClearField("source_code_info")
            whole.update(hashlib.sha256(bare.SerializeToString(deterministic=True)).digest())
        return f"sha256:{whole.hexdigest()}"

    @cached_property
    def pool(self) -> descriptor_pool.DescriptorPool:
        pool = descriptor_pool.DescriptorPool()
        for file in self.files:
            try:
                pool.Add(file)
            except (TypeError, ValueError) as error:
                reason = f"{file.name} does not link: {error}"
                raise UnreadableSource(self.source, reason) from error
        return pool

    @cached_property
    def validator(self) -> Validator:
        """One validator a schema: protovalidate caches rules by a message's full name."""
        from protovalidate import Validator  # heavy, and not every use of a schema validates

        return Validator()

    @cached_property
    def services(self) -> tuple[ServiceDescriptor, ...]:
        """The services that the module itself declares."""
        return tuple(
            self.pool.FindServiceByName(f"{file.package}.{service.name}".lstrip("."))
            for file in self.own_files()
            for service in file.service
        )

    def own_files(self) -> Iterator[descriptor_pb2.FileDescriptorProto]:
        return (file for file in self.files if file.name in self.own)

    def methods(self) -> Iterator[MethodDescriptor]:
        return (method for service in self.services for method in service.methods)

    def decoded(self, options: Message) -> Message:
        """*options* (of any descriptor) read with every extension that this schema declares.

        Extensions are then reached by `decoded.Extensions[schema.extension(name)]`.
        """
        try:
            known = self.message_class(options.DESCRIPTOR.full_name)
        except UnknownName:  # a schema without options of its own need not import descriptor.proto
            return options
        return known.FromString(options.SerializeToString())

    def extension(self, full_name: str) -> FieldDescriptor | None:
        """The extension of that name, where the schema knows it: `buf.validate.field`."""
        try:
            return self.pool.FindExtensionByName(full_name)
        except KeyError:
            return None

    def message(self, full_name: str) -> Descriptor:
        try:
            return self.pool.FindMessageTypeByName(full_name)
        except KeyError:
            raise UnknownName("message", full_name) from None

    def message_class(self, full_name: str) -> type[Message]:
        return message_factory.GetMessageClass(self.message(full_name))


def schema_from_image(data: bytes, *, source: str) -> Schema:
    """A schema from the bytes of a buf image or FileDescriptorSet that holds its imports.

    Raises UnreadableSource where the bytes are no such set.
    """
    try:
        image = descriptor_pb2.FileDescriptorSet.FromString(data)
    except DecodeError as error:
        raise UnreadableSource(source, "it is no FileDescriptorSet") from error
    if not image.file:
        raise UnreadableSource(source, "it holds no file")
    own = frozenset(file.name for file in image.file if not _is_import(file))
    return Schema(
        tuple(image.file), source=source, own=own or frozenset(f.name for f in image.file)
    )


def schema_from_file(path: Path) -> Schema:
    """A schema from an image file."""
    try:
        return schema_from_image(path.read_bytes(), source=str(path))
    except OSError as error:
        raise UnreadableSource(str(path), error.strerror or str(error)) from error


_BUF_EXTENSION = 8042
_IS_IMPORT = b"\x08\x01"


def _is_import(file: descriptor_pb2.FileDescriptorProto) -> bool:
    """Whether buf marked the file so: bool is_import = 1, first in its extension 8042."""
    return any(
        field.field_number == _BUF_EXTENSION and bytes(field.data).startswith(_IS_IMPORT)
        for field in UnknownFieldSet(file)  # type: ignore[attr-defined]  # the stubs forget it
    )
