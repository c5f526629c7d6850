"""A field or extension, with everything that syntax, editions and its message settle for it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from google.protobuf import descriptor_pb2

from wireproof.schema.features import Features, merged
from wireproof.schema.languages import JAVA_UTF8
from wireproof.schema.lazy import lazy
from wireproof.schema.names import json_name, scoped

if TYPE_CHECKING:
    from wireproof.schema.elements import File, MessageType, Oneof

_Field = descriptor_pb2.FieldDescriptorProto
_Set = descriptor_pb2.FeatureSet
_KINDS = {number: name[5:].lower() for name, number in _Field.Type.items()}
_OPTIONS = re.compile(r"\.?google\.protobuf\.\w+Options")
_UNPACKABLE = frozenset({"string", "bytes", "message", "group"})


class Field:
    """One field; *message* declares it, or the file does (an extension of *extendee*)."""

    def __init__(self, proto: _Field, parent: MessageType | File, path: tuple[int, ...]) -> None:
        self.proto = proto
        self.parent = parent
        self.file = parent.file
        self.path = path

    @property
    def name(self) -> str:
        return self.proto.name

    @property
    def number(self) -> int:
        return self.proto.number

    @lazy
    def full_name(self) -> str:
        return scoped(self.parent.scope, self.name)

    @property
    def is_extension(self) -> bool:
        return bool(self.proto.extendee)

    @property
    def extends_options(self) -> bool:
        """Whether it is an option: set in sources, it travels in no message."""
        return bool(_OPTIONS.fullmatch(self.proto.extendee))

    @property
    def holder(self) -> str:
        """The full name of the message whose bytes carry the field."""
        return self.proto.extendee.lstrip(".") or self.parent.full_name

    @lazy
    def features(self) -> Features:
        inherited = self.parent.features
        if (oneof := self.declared_oneof) is not None:
            inherited = merged(inherited, oneof.proto.options)
        return merged(inherited, self.proto.options)

    @lazy
    def declared_oneof(self) -> Oneof | None:
        """The oneof it is in, even one that `optional` made."""
        if not self.proto.HasField("oneof_index") or self.is_extension:
            return None
        return self.parent.all_oneofs[self.proto.oneof_index]  # type: ignore[union-attr]

    @property
    def oneof(self) -> Oneof | None:
        """The oneof that the source declares around it."""
        found = self.declared_oneof
        return None if found is None or self.proto.proto3_optional else found

    @lazy
    def kind(self) -> str:
        """How its values are encoded: `int32`, …, `enum`, `message`, `group` (delimited)."""
        unstated = self.proto.type_name and not self.proto.HasField("type")
        kind = self._unstated if unstated else _KINDS[self.proto.type]
        if kind != "message" or self.features.message != _Set.DELIMITED:
            return kind
        in_map = self.map_entry is not None or self._of_map_entry
        return kind if in_map else "group"

    @property
    def _unstated(self) -> str:
        """An image may leave the type to what the type's name refers to."""
        try:
            self.file.schema.pool.FindEnumTypeByName(self.type_name)
        except KeyError:
            return "message"
        return "enum"

    @property
    def type_name(self) -> str:
        """The full name of its message or enum; empty for scalars."""
        return self.proto.type_name.lstrip(".")

    @lazy
    def map_entry(self) -> MessageType | None:
        """The entry message of a map field."""
        if not self.repeated or not self.proto.type_name or self.parent is self.file:
            return None
        return self.parent.map_entry(self.type_name)  # type: ignore[union-attr]

    @property
    def _of_map_entry(self) -> bool:
        return self.parent is not self.file and self.parent.is_map_entry  # type: ignore[union-attr]

    @property
    def repeated(self) -> bool:
        return self.proto.label == _Field.LABEL_REPEATED

    @lazy
    def required(self) -> bool:
        if self.proto.label == _Field.LABEL_REQUIRED:
            return True
        legacy = self.features.presence == _Set.LEGACY_REQUIRED
        return legacy and not self.repeated and self.oneof is None and not self.is_extension

    @lazy
    def explicit(self) -> bool:
        """Whether it knows set from unset, for a field that is not repeated."""
        if self.repeated:
            return False
        if self.kind in ("message", "group") or self.declared_oneof or self.is_extension:
            return True
        return self.proto.proto3_optional or self.features.presence != _Set.IMPLICIT

    @property
    def cardinality(self) -> str:
        """`required`, `optional` (explicit presence), `implicit`, `repeated` or `map`."""
        if self.repeated:
            return "map" if self.map_entry else "repeated"
        if self.required:
            return "required"
        return "optional" if self.explicit else "implicit"

    @property
    def packed(self) -> bool:
        if not self.repeated or self.kind in _UNPACKABLE:
            return False
        if self.proto.options.HasField("packed"):
            return self.proto.options.packed
        return self.features.repeated == _Set.PACKED

    @property
    def checks_utf8(self) -> bool:
        """Whether parsers refuse bytes that are no UTF-8; only strings do."""
        return self.kind == "string" and self.features.utf8 == _Set.VERIFY

    @property
    def java_checks_utf8(self) -> bool:
        """Whether Java's parsers do, of whom a feature of their own may ask it."""
        asked = self.features.of(JAVA_UTF8) == JAVA_UTF8.values.index("VERIFY")
        return self.checks_utf8 or (asked and self.kind == "string")

    @property
    def json_name(self) -> str:
        return self.proto.json_name or json_name(self.name)

    @property
    def json_key(self) -> str:
        """What JSON writers call it: an extension by its full name, in brackets."""
        return f"[{self.full_name}]" if self.is_extension else self.json_name

    @property
    def json_keys(self) -> frozenset[str]:
        """What JSON parsers take for it: a field by its name too, unless that is another's key."""
        if self.is_extension:
            return frozenset({self.json_key})
        mates = self.parent.fields  # type: ignore[union-attr]
        taken = any(mate.json_name == self.name for mate in mates if mate is not self)
        return frozenset({self.json_name} if taken else {self.json_name, self.name})

    @property
    def default(self) -> str | None:
        """The declared default (proto2 and editions); None without one."""
        return self.proto.default_value if self.proto.HasField("default_value") else None

    @lazy
    def type_words(self) -> str:
        """Its type as the source writes it: `int64`, `shop.v1.Money`, `map<string, int32>`."""
        if self.map_entry:
            key, value = self.map_entry.fields
            return f"map<{key.type_words}, {value.type_words}>"
        if self.kind == "group":
            return f"{self.type_name} (delimited)"
        return self.type_name or self.kind

    @property
    def held(self) -> str:
        """What it holds, as the source writes it: `repeated int32`, `map<string, int32>`."""
        return f"repeated {self.type_words}" if self.cardinality == "repeated" else self.type_words

    @property
    def declared(self) -> str:
        """Its type and name: `int32 total`."""
        return f"{self.type_words} {self.name}"
