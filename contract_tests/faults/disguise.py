"""The same service under other names: every name of the schema is another one, nothing else is.

A table of names is applied to the descriptors as they are at run time, and to the bytes of each
call (whose encoding knows no names, but for field masks, orders and the fields that errors blame).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from unittest.mock import patch

from google.protobuf import descriptor_pb2, descriptor_pool
from google.protobuf.message import DecodeError, Message
from google.protobuf.message_factory import GetMessageClass
from google.rpc import error_details_pb2

import service.errors
import service.server
from wireproof.schema.schema import Schema

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FOREIGN = ("google/", ".google.", "google.", "buf/", ".buf.", "wireproof/", ".wireproof.")
_MASK = "google.protobuf.FieldMask"


@dataclass(frozen=True)
class Disguise:
    """Names of the schema → the names that clients see."""

    id: str
    names: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def _back(self) -> dict[str, str]:
        return {new: old for old, new in self.names.items()}

    def forth(self, text: str) -> str:
        """Text of the service as clients see it."""
        return _NAME.sub(lambda found: self.names.get(found[0], found[0]), text)

    def back(self, text: str) -> str:
        """Text of a client as the service understands it."""
        return _NAME.sub(lambda found: self._back.get(found[0], found[0]), text)

    def schema(self, plain: Schema) -> Schema:
        """What clients see of the *plain* schema."""
        if not self.names:
            return plain
        pool = descriptor_pool.DescriptorPool()
        for file in plain.files:
            pool.AddSerializedFile(file.SerializeToString())
        if "google/protobuf/descriptor.proto" not in {file.name for file in plain.files}:
            pool.AddSerializedFile(descriptor_pb2.DESCRIPTOR.serialized_pb)
        described = GetMessageClass(
            pool.FindMessageTypeByName("google.protobuf.FileDescriptorProto")
        )
        own = {file.name for file in plain.own_files() if not file.name.startswith(_FOREIGN)}
        files, mine = [], set()
        for file in plain.files:
            if file.name in own:
                known: Any = described.FromString(file.SerializeToString())
                known.ClearField("source_code_info")
                _rename(known, self)
                mine.add(known.name)
                file = descriptor_pb2.FileDescriptorProto.FromString(known.SerializeToString())
            files.append(file)
        return Schema(tuple(files), source=self.id, own=frozenset(mine))

    @contextmanager
    def worn(self) -> Iterator[None]:
        """Servers that start meanwhile serve under the disguise's names."""
        if not self.names:
            yield
            return
        chain = _worn(vars(service.server)["Chain"], self)
        blaming = _blaming(service.errors.status_of, self)
        with patch("service.server.Chain", chain), patch("service.errors.status_of", blaming):
            yield


def _rename(message: Any, disguise: Disguise) -> None:
    """Every name in a descriptor, wherever it stands: in types, options, rules and paths."""
    for each, value in message.ListFields():
        if each.message_type and each.is_repeated:
            for inner in value:
                _rename(inner, disguise)
        elif each.message_type:
            _rename(value, disguise)
        elif each.type == each.TYPE_STRING and each.is_repeated:
            value[:] = [_name(text, disguise) for text in value]
        elif each.type == each.TYPE_STRING and each.name != "json_name":
            setattr(message, each.name, _name(value, disguise))
    if message.DESCRIPTOR.name == "FieldDescriptorProto":
        head, *rest = message.name.split("_")
        message.json_name = head + "".join(word.capitalize() for word in rest)


def _name(text: str, disguise: Disguise) -> str:
    return text if text.startswith(_FOREIGN) else disguise.forth(text)


def _worn(chain: Any, disguise: Disguise) -> Any:
    class Worn(chain):  # type: ignore[misc]
        """The layers, met under other names."""

        def service(self, handler_call_details: Any) -> Any:
            path = disguise.back(handler_call_details.method)
            kind = type(handler_call_details)
            details = kind(path, handler_call_details.invocation_metadata)
            found: Any = super().service(details)
            if found is None or path == handler_call_details.method:
                return found  # nobody's method, or one that wears no disguise
            takes, gives = found.request_deserializer, found.response_serializer
            if takes is None:
                return found
            asked, told = _types(path)
            return found._replace(
                request_deserializer=lambda data: takes(_translated(data, asked, disguise.back)),
                response_serializer=lambda reply: _translated(gives(reply), told, disguise.forth),
            )

    return Worn


def _types(path: str) -> tuple[type[Message], type[Message]]:
    pool: Any = descriptor_pool.Default()
    method = pool.FindMethodByName(path.strip("/").replace("/", "."))
    return GetMessageClass(method.input_type), GetMessageClass(method.output_type)


def _translated(data: bytes, kind: type[Message], words: Any) -> bytes:
    """The same message with names in another spelling; the same bytes where it holds none."""
    try:
        message = kind.FromString(data)
    except DecodeError:
        return data
    return message.SerializeToString() if _respell(message, words) else data


def _respell(message: Any, words: Any) -> bool:
    if message.DESCRIPTOR.full_name == _MASK:
        before = list(message.paths)
        message.paths[:] = [words(path) for path in before]
        return before != list(message.paths)
    changed = False
    for each, value in message.ListFields():
        if each.message_type and not each.message_type.GetOptions().map_entry:
            for inner in value if each.is_repeated else (value,):
                changed |= _respell(inner, words)
        elif each.name == "order_by":
            message.order_by = words(value).ljust(len(value))  # too long stays too long
            changed |= message.order_by != value
    return changed


def _blaming(status_of: Any, disguise: Disguise) -> Any:
    def renamed(error: Exception) -> Any:
        status = status_of(error)
        status.message = disguise.forth(status.message)
        for detail in status.details:
            bad = error_details_pb2.BadRequest()
            if detail.Unpack(bad):
                for violation in bad.field_violations:
                    violation.field = disguise.forth(violation.field)
                    violation.description = disguise.forth(violation.description)
                detail.Pack(bad)
        return status

    return renamed
