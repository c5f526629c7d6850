"""Views of enums and their values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from google.protobuf import descriptor_pb2

from wireproof.schema.features import Features, exported, merged
from wireproof.schema.lazy import lazy
from wireproof.schema.names import scoped
from wireproof.schema.spans import Span, within

if TYPE_CHECKING:
    from wireproof.schema.elements import File, MessageType


class EnumType:
    """One enum."""

    def __init__(
        self,
        proto: descriptor_pb2.EnumDescriptorProto,
        parent: File | MessageType,
        file: File,
        path: tuple[int, ...],
    ) -> None:
        self.proto = proto
        self.parent = parent
        self.file = file
        self.path = path

    @property
    def name(self) -> str:
        return self.proto.name

    @lazy
    def full_name(self) -> str:
        return scoped(self.parent.scope, self.proto.name)

    @lazy
    def features(self) -> Features:
        return merged(self.parent.features, self.proto.options)

    @property
    def exported(self) -> bool:
        """Whether other files may use it."""
        outermost = self.parent is self.file
        return exported(self.features, self.proto.visibility, outermost=outermost)

    @property
    def closed(self) -> bool:
        """Whether numbers it does not name are dropped into the unknown fields."""
        return self.features.enum == descriptor_pb2.FeatureSet.CLOSED

    @lazy
    def values(self) -> tuple[EnumValue, ...]:
        return tuple(EnumValue(self, i) for i in range(len(self.proto.value)))

    @lazy
    def numbers(self) -> Mapping[int, tuple[EnumValue, ...]]:
        """Number → its values, in order: an alias gives a number several names."""
        found: dict[int, tuple[EnumValue, ...]] = {}
        for value in self.values:
            found[value.number] = (*found.get(value.number, ()), value)
        return found

    @lazy
    def by_name(self) -> Mapping[str, EnumValue]:
        return {value.name: value for value in self.values}

    @property
    def reserved(self) -> tuple[Span, ...]:
        return tuple((span.start, span.end) for span in self.proto.reserved_range)

    def reserves(self, number: int) -> bool:
        return within(number, self.reserved)

    def reserves_name(self, name: str) -> bool:
        return name in self.proto.reserved_name


class EnumValue:
    """One value of an enum."""

    def __init__(self, enum: EnumType, index: int) -> None:
        self.proto = enum.proto.value[index]
        self.enum = enum
        self.file = enum.file
        self.path = (*enum.path, 2, index)

    @property
    def name(self) -> str:
        return self.proto.name

    @property
    def number(self) -> int:
        return self.proto.number

    @property
    def full_name(self) -> str:
        """Within its enum, as people read it, though protobuf scopes it beside the enum."""
        return f"{self.enum.full_name}.{self.name}"
