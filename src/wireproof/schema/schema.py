"""A schema: every file of a module at one version, in a descriptor pool of its own."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
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

from wireproof.errors import UnknownName, UnreadableSource
from wireproof.schema.breaking import BreakingConfig
from wireproof.schema.digest import file_digest
from wireproof.schema.image import (
    PackedFile,
    join_image,
    needed,
    pack,
    split_image,
    without_source_info,
)

if TYPE_CHECKING:
    from protovalidate import Validator

RUNTIME = "google/protobuf/"
"""Files below it belong to the protobuf runtime: each brings its own, none of them is a promise."""


class Schema:
    """The files of one version of a module and what they mean.

    *files* come with their imports, dependencies first; *own* names those that the module itself
    declares, the rest are imports. *source* is where the schema came from, as its user wrote it.
    *modules* names the folder (`schemas`) in which each own file was found, *folder* where those
    lie. Two schemas never share a pool, so two versions of one message live side by side.
    """

    def __init__(
        self,
        files: Iterable[descriptor_pb2.FileDescriptorProto] = (),
        *,
        source: str,
        own: frozenset[str],
        packed: Iterable[PackedFile] | None = None,
        modules: Mapping[str, str] | None = None,
        folder: str = "",
    ) -> None:
        self.packed = tuple(packed) if packed is not None else tuple(pack(f) for f in files)
        """Every file, serialized: two versions of a file are compared so before they are parsed."""
        self.source = source
        self.own = own
        self.modules: Mapping[str, str] = modules or {}
        self.folder = folder
        self.twin: Schema | None = None
        """Another version, whose equal files need not be parsed again."""
        self.breaking: Mapping[str, BreakingConfig] = {}
        """Module → what its buf.yaml says of breaking changes."""
        self.paths: Mapping[str, str] = {}
        """File → where it lies, for files that no module and folder explain."""

    @cached_property
    def files(self) -> tuple[descriptor_pb2.FileDescriptorProto, ...]:
        return tuple(self.file(packed.name) for packed in self.packed)

    @cached_property
    def by_name(self) -> Mapping[str, PackedFile]:
        return {packed.name: packed for packed in self.packed}

    @cached_property
    def _parsed(self) -> dict[str, descriptor_pb2.FileDescriptorProto]:
        return {}

    @cached_property
    def _bare(self) -> dict[str, descriptor_pb2.FileDescriptorProto]:
        return {}

    def file(self, name: str) -> descriptor_pb2.FileDescriptorProto:
        """The file of that name, parsed once."""
        if name not in self._parsed:
            self._parsed[name] = _parsed(self.by_name[name].data)
        return self._parsed[name]

    def bare(self, name: str) -> descriptor_pb2.FileDescriptorProto:
        """The same without its source information, which is most of a large schema."""
        if name not in self._bare:
            twin = self._equal(name)
            self._bare[name] = twin.bare(name) if twin else _parsed(self._stripped(name))
        return self._bare[name]

    def _equal(self, name: str) -> Schema | None:
        """The other version, where its file of that name is byte for byte the same."""
        other = self.twin.by_name.get(name) if self.twin else None
        return self.twin if other and other.data == self.by_name[name].data else None

    def _stripped(self, name: str) -> bytes:
        """The file's bytes without its source information, cut out once."""
        if name not in self._cut:
            self._cut[name] = without_source_info(self.by_name[name].data)
        return self._cut[name]

    @cached_property
    def _cut(self) -> dict[str, bytes]:
        return {}

    @cached_property
    def digest(self) -> str:
        """`sha256:` and the hash of what the files declare.

        Comments, the marks of buf's images and the protobuf runtime's own files do not count.
        """
        whole = hashlib.sha256()
        for packed in sorted(self.packed, key=lambda packed: packed.name):
            if not packed.name.startswith(RUNTIME):
                whole.update(self._file_digest(packed.name))
        return f"sha256:{whole.hexdigest()}"

    def _file_digest(self, name: str) -> bytes:
        if name not in self._digests:
            twin = self._equal(name)
            found = twin._file_digest(name) if twin else file_digest(self._stripped(name))
            self._digests[name] = found
        return self._digests[name]

    @cached_property
    def _digests(self) -> dict[str, bytes]:
        return {}

    @cached_property
    def pool(self) -> descriptor_pool.DescriptorPool:
        return self._pool(self.packed)

    def closure(self, names: Iterable[str]) -> descriptor_pool.DescriptorPool:
        """A pool of only the files *names* and what they import: large schemas build it faster."""
        wanted: set[str] = set()
        waiting = [name for name in names if name in self.by_name]
        while waiting:
            name = waiting.pop()
            if name not in wanted:
                wanted.add(name)
                waiting += (d for d in self.bare(name).dependency if d in self.by_name)
        return self._pool(packed for packed in self.packed if packed.name in wanted)

    def _pool(self, files: Iterable[PackedFile]) -> descriptor_pool.DescriptorPool:
        pool = descriptor_pool.DescriptorPool()
        for packed in files:
            try:
                pool.AddSerializedFile(self._stripped(packed.name))
            except (TypeError, ValueError) as error:
                reason = f"{packed.name} does not link: {error}"
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
        return (self.file(packed.name) for packed in self.packed if packed.name in self.own)

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

    def image(self) -> bytes:
        """The schema as a buf image with its imports: what `schema_from_image` reads back."""
        return join_image(self.packed, self.own)

    def path(self, file: str) -> str:
        """Where *file* lies, as a path that the schema's user can open."""
        if file not in self.own:
            return file
        if file in self.paths:
            return self.paths[file]
        parts = (self.folder, self.modules.get(file, ""), file)
        return "/".join(part for part in parts if part not in ("", "."))

    def renamed(self, file: str, name: str) -> Schema:
        """The same schema, its only own *file* called *name* (two single files are compared so)."""
        parsed = descriptor_pb2.FileDescriptorProto()
        parsed.CopyFrom(self.file(file))
        parsed.name = name
        packed = tuple(pack(parsed) if p.name == file else p for p in self.packed)
        other = Schema(
            source=self.source, own=frozenset((self.own - {file}) | {name}), packed=packed
        )
        other.paths = {name: self.path(file)}
        return other


def _parsed(data: bytes) -> descriptor_pb2.FileDescriptorProto:
    return descriptor_pb2.FileDescriptorProto.FromString(data)


def schema_from_image(
    data: bytes,
    *,
    source: str,
    imported: frozenset[str] = frozenset(),
    modules: Mapping[str, str] | None = None,
    folder: str = "",
) -> Schema:
    """A schema from the bytes of a buf image or FileDescriptorSet that holds its imports.

    Files that buf marked as imports, and those *imported*, are not the module's own.
    Raises UnreadableSource where the bytes are no such set.
    """
    try:
        packed = split_image(data)
    except DecodeError as error:
        raise UnreadableSource(source, "it is no FileDescriptorSet") from error
    if not packed:
        raise UnreadableSource(source, "it holds no file")
    own = frozenset(p.name for p in packed if not p.is_import and p.name not in imported)
    own = own or frozenset(p.name for p in packed)
    if imported:
        packed = needed(packed, own)
    return Schema(source=source, own=own, packed=packed, modules=modules, folder=folder)


def schema_from_file(path: Path) -> Schema:
    """A schema from a binary image file."""
    try:
        return schema_from_image(path.read_bytes(), source=str(path))
    except OSError as error:
        raise UnreadableSource(str(path), error.strerror or str(error)) from error
