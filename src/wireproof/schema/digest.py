"""The hash of what a schema declares, equal however it was compiled, carried and loaded."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from weakref import WeakKeyDictionary

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from google.protobuf.descriptor_pool import DescriptorPool as Pool
from google.protobuf.message import Message

from wireproof.schema.image import BUF_EXTENSION, PackedFile
from wireproof.schema.names import json_name

RUNTIME = "google/protobuf/"
"""Files below it belong to the protobuf runtime: each brings its own, none of them is a promise."""


def _undissected() -> descriptor_pb2.FileDescriptorProto:
    """descriptor.proto, but for the source information of files and buf's marks: to it they are
    bytes, since neither is hashed and the former is most of a file.
    """
    file = descriptor_pb2.FileDescriptorProto.FromString(descriptor_pb2.DESCRIPTOR.serialized_pb)
    whole = next(m for m in file.message_type if m.name == "FileDescriptorProto")
    source = next(f for f in whole.field if f.name == _UNHASHED[0])
    source.ClearField("type_name")
    source.type = source.TYPE_BYTES
    whole.field.add(name=_UNHASHED[1], number=BUF_EXTENSION, label=source.label, type=source.type)
    return file


_UNHASHED = ("source_code_info", "buf")
_FILE = "google.protobuf.FileDescriptorProto"
# In a pool of its own, where no extension is known: the default pool knows those of whatever
# generated code the process has imported.
_POOL = descriptor_pool.DescriptorPool()
_POOL.Add(_undissected())
_File: Any = message_factory.GetMessageClass(_POOL.FindMessageTypeByName(_FILE))
_IMPORTS = ("dependency", "public_dependency", "weak_dependency", "option_dependency")
_SOURCE_ONLY = descriptor_pb2.FieldOptions.RETENTION_SOURCE

_known: WeakKeyDictionary[PackedFile, bytes] = WeakKeyDictionary()
"""Versions of a schema share the files that are the same in them, and so their hashes."""


def schema_digest(files: Iterable[PackedFile], linked: Callable[[list[str]], Pool]) -> str:
    """`sha256:` and the hash of what *files* declare.

    *linked* is asked for a pool of those whose options only their definitions can read. What means
    nothing does not count: comments, buf's marks, the order of files, imports that bring no public
    names, the protobuf runtime's own files, and what compilers are free to spell out or leave out:
    default JSON names, `syntax = "proto2"`, the order and the splitting of options, options that
    are kept in sources only.
    """
    declared = sorted((f for f in files if not f.name.startswith(RUNTIME)), key=lambda f: f.name)
    found = {file: _known.get(file) or _plain(file) for file in declared}
    optioned = [file for file, known in found.items() if known is None]
    pool = linked([file.name for file in optioned]) if optioned else _POOL
    hashes = {f: known or _with_options(f, pool) for f, known in found.items()}
    _known.update(hashes)
    whole = b"".join(hashes[file] for file in declared)
    return f"sha256:{hashlib.sha256(whole).hexdigest()}"


def _plain(packed: PackedFile) -> bytes | None:
    """The hash of a file without custom options; None where it has some."""
    file = _File.FromString(packed.data)
    for name in _UNHASHED:
        file.ClearField(name)
    size = file.ByteSize()
    file.DiscardUnknownFields()
    # Custom options are unknown here: what is shorter without them must be read by those who know.
    if file.ByteSize() < size:
        return None
    return _hash(file)


def _with_options(packed: PackedFile, pool: Pool) -> bytes:
    """The hash of a file whose options are read as *pool* declares them."""
    try:
        kind = message_factory.GetMessageClass(pool.FindMessageTypeByName(_FILE))
    except KeyError:  # nobody declares an option, so none can be read
        kind = _File
    return _hash(kind.FromString(packed.stripped))


def _hash(file: Any) -> bytes:
    if file.syntax != "proto3" or file.DESCRIPTOR is not _File.DESCRIPTOR:
        for holder in list(_optioned(file)):
            _drop_source_only(holder)
    public = sorted(file.dependency[index] for index in file.public_dependency)
    known = file.DESCRIPTOR.fields_by_name
    for name in _IMPORTS:
        if name in known:
            file.ClearField(name)
    file.dependency.extend(public)
    if file.syntax == "proto2":
        file.ClearField("syntax")
    first = next(_fields(file), None)
    if first is not None and not first.json_name:  # compilers spell out all of them or none
        for field in _fields(file):
            field.json_name = field.json_name or json_name(field.name)
    return hashlib.sha256(file.SerializeToString(deterministic=True)).digest()


def _drop_source_only(holder: Any) -> None:
    """Take out the options that are for compilers' eyes: servers do not carry them."""
    for field, _ in holder.options.ListFields():
        if field.GetOptions().retention == _SOURCE_ONLY:
            holder.options.ClearExtension(field) if field.is_extension else (
                holder.options.ClearField(field.name)
            )
    if not holder.options.ByteSize():
        holder.ClearField("options")


def _optioned(message: Message) -> Iterator[Any]:
    """Every element of a file that has options."""
    for field, value in message.ListFields():
        if field.name == "options" or field.message_type is None:
            continue
        for one in value if field.is_repeated else (value,):
            yield from _optioned(one)
    if "options" in message.DESCRIPTOR.fields_by_name and message.HasField("options"):
        yield message


def _fields(file: Any) -> Iterator[Any]:
    yield from file.extension
    waiting: list[Any] = list(file.message_type)
    while waiting:
        message = waiting.pop()
        yield from message.field
        yield from message.extension
        waiting += message.nested_type
