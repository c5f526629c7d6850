"""A schema: every file of a module at one version, in a descriptor pool of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.descriptor import (
    Descriptor,
    FieldDescriptor,
    MethodDescriptor,
    ServiceDescriptor,
)
from google.protobuf.message import DecodeError, Message

from wireproof.beside import beside
from wireproof.errors import UnknownName, UnreadableSource
from wireproof.schema.breaking import BreakingConfig
from wireproof.schema.digest import schema_digest
from wireproof.schema.image import (
    PackedFile,
    join_image,
    needed,
    pack,
    reached,
    split_image,
)
from wireproof.schema.lazy import lazy
from wireproof.schema.linking import add
from wireproof.schema.linting import LintConfig

if TYPE_CHECKING:
    from protovalidate import Validator


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
        breaking: Mapping[str, BreakingConfig] | None = None,
        lint: Mapping[str, LintConfig] | None = None,
        paths: Mapping[str, str] | None = None,
    ) -> None:
        self.packed = tuple(packed) if packed is not None else tuple(pack(f) for f in files)
        """Every file, serialized: two versions of a file are compared so before they are parsed."""
        self.source = source
        self.own = own
        self.modules: Mapping[str, str] = modules or {}
        self.folder = folder
        self.breaking: Mapping[str, BreakingConfig] = breaking or {}
        """Module → what its buf.yaml says of breaking changes."""
        self.lint: Mapping[str, LintConfig] = lint or {}
        """Module → what its buf.yaml says of lint."""
        self.paths: Mapping[str, str] = paths or {}
        """File → where it lies, for files that no module and folder explain."""
        self._hashed: Callable[[], str] = self._hash

    def sharing(self, other: Schema) -> Schema:
        """The same schema; files that *other* has byte for byte are parsed once for both."""
        packed = tuple(_shared(file, other.by_name.get(file.name)) for file in self.packed)
        if all(now is was for now, was in zip(packed, self.packed, strict=True)):
            return self
        return Schema(
            source=self.source,
            own=self.own,
            packed=packed,
            modules=self.modules,
            folder=self.folder,
            breaking=self.breaking,
            lint=self.lint,
            paths=self.paths,
        )

    @lazy
    def files(self) -> tuple[descriptor_pb2.FileDescriptorProto, ...]:
        """Every file with its source information."""
        return tuple(packed.whole for packed in self.packed)

    @lazy
    def by_name(self) -> Mapping[str, PackedFile]:
        return {packed.name: packed for packed in self.packed}

    def file(self, name: str) -> descriptor_pb2.FileDescriptorProto:
        """The file of that name, without its source information."""
        return self.by_name[name].proto

    def importing(self, names: Iterable[str]) -> frozenset[str]:
        """The files *names* and all that import them, directly or through others."""
        importers: dict[str, list[str]] = {}
        for packed in self.packed:
            for name in packed.imports:
                importers.setdefault(name, []).append(packed.name)
        return frozenset(reached(names, importers)) & self.by_name.keys()

    @lazy
    def digest(self) -> str:
        """`sha256:` and the hash of what the files declare, equal however they were compiled."""
        return self._hashed()

    def _hash(self) -> str:
        try:
            return schema_digest(self.packed, self.closure)
        except UnreadableSource:  # what does not link has options that nobody can read
            return schema_digest(self.packed, lambda _: descriptor_pool.DescriptorPool())

    @classmethod
    def begin_digests(cls, *schemas: Schema) -> None:
        """Begin with the digests beside what is done before they are asked for, if that pays."""
        size = max(len(schema.packed) for schema in schemas)
        hashes = beside(lambda: [schema._hash() for schema in schemas], size)
        for position, schema in enumerate(schemas):
            schema._hashed = partial(lambda at: hashes()[at], position)

    @lazy
    def pool(self) -> descriptor_pool.DescriptorPool:
        return self._pool(self.packed)

    def closure(self, names: Iterable[str]) -> descriptor_pool.DescriptorPool:
        """A pool of only the files *names* and what they import: large schemas build it faster."""
        wanted = reached(names, {packed.name: packed.imports for packed in self.packed})
        return self._pool(packed for packed in self.packed if packed.name in wanted)

    def _pool(self, files: Iterable[PackedFile]) -> descriptor_pool.DescriptorPool:
        pool = descriptor_pool.DescriptorPool()
        for packed in files:
            self.link(pool, packed)
        return pool

    def link(
        self, pool: descriptor_pool.DescriptorPool, packed: PackedFile, *, services: bool = True
    ) -> None:
        """Add a file to *pool*, after its imports; UnreadableSource where it does not link."""
        try:
            add(pool, packed, services=services)
        except (TypeError, ValueError) as error:
            reason = f"{packed.name} does not link: {error}"
            raise UnreadableSource(self.source, reason) from error

    @lazy
    def validator(self) -> Validator:
        """One validator a schema: protovalidate caches rules by a message's full name."""
        from protovalidate import Validator  # heavy, and not every use of a schema validates

        return Validator()

    @lazy
    def services(self) -> tuple[ServiceDescriptor, ...]:
        """The services that the module itself declares."""
        return tuple(
            self.pool.FindServiceByName(f"{file.package}.{service.name}".lstrip("."))
            for file in self.own_files()
            for service in file.service
        )

    def own_files(self) -> Iterator[descriptor_pb2.FileDescriptorProto]:
        """The files that the module itself declares, without their source information."""
        return (packed.proto for packed in self.packed if packed.name in self.own)

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
        parsed = self.by_name[file].whole
        parsed.name = name
        return Schema(
            source=self.source,
            own=frozenset((self.own - {file}) | {name}),
            packed=(pack(parsed) if p.name == file else p for p in self.packed),
            modules={name: self.modules[file]} if file in self.modules else {},
            breaking=self.breaking,
            lint=self.lint,
            paths={name: self.path(file)},
        )


def _shared(file: PackedFile, other: PackedFile | None) -> PackedFile:
    return other if other is not None and other.equals(file) else file


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
