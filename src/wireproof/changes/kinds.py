"""One class for each kind of difference, by element."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from wireproof.changes.change import Added, Altered, Bump, Removed, Stated
from wireproof.finding import Location
from wireproof.schema.elements import EnumType, EnumValue, File, MessageType, Oneof, Rpc, Service
from wireproof.schema.fields import Field

# --- files


@dataclass(frozen=True, slots=True)
class FileAdded(Added):
    new: File


@dataclass(frozen=True, slots=True)
class FileRemoved(Removed):
    old: File


@dataclass(frozen=True, slots=True)
class PackageChanged(Altered):
    old: File
    new: File
    what: ClassVar[str] = "package"

    @property
    def before(self) -> str:
        return self.old.package or "none"

    @property
    def after(self) -> str:
        return self.new.package or "none"


@dataclass(frozen=True, slots=True)
class SyntaxChanged(Stated):
    """Harmless in itself: what it changes for an element is a change of that element."""

    what: ClassVar[str] = "syntax"


@dataclass(frozen=True, slots=True)
class ImportChanged(Stated):
    bump: ClassVar[Bump] = Bump.NONE
    what: ClassVar[str] = "imports"


@dataclass(frozen=True, slots=True)
class PublicImportRemoved(Stated):
    what: ClassVar[str] = "public imports"


# --- options, of any element


@dataclass(frozen=True, slots=True)
class OptionChanged(Stated):
    """An option of protobuf itself (`deprecated`, `go_package`)."""

    name: str

    @property
    def words(self) -> str:
        return f"option {self.name} changed from {self.promised} to {self.found}"


@dataclass(frozen=True, slots=True)
class CustomOptionChanged(OptionChanged):
    """An option that some extension defines, undecoded; *number* is the extension's."""

    number: int


@dataclass(frozen=True, slots=True)
class ValidationChanged(Stated):
    """What `buf.validate` (or PGV's `validate.rules`) says of a field, oneof or message."""

    what: ClassVar[str] = "validation"


@dataclass(frozen=True, slots=True)
class HttpChanged(Altered):
    """What `google.api.http` says of a method, as request lines."""

    old: Rpc
    new: Rpc
    was: tuple[Any, ...]
    now: tuple[Any, ...]
    what: ClassVar[str] = "HTTP mapping"

    @property
    def before(self) -> str:
        return "; ".join(str(binding) for binding in self.was) or "none"

    @property
    def after(self) -> str:
        return "; ".join(str(binding) for binding in self.now) or "none"


# --- messages


@dataclass(frozen=True, slots=True)
class MessageAdded(Added):
    new: MessageType


@dataclass(frozen=True, slots=True)
class MessageRemoved(Removed):
    old: MessageType


@dataclass(frozen=True, slots=True)
class MessageRenamed(Altered):
    old: MessageType
    new: MessageType
    what: ClassVar[str] = "name"

    @property
    def before(self) -> str:
        return self.old.full_name

    @property
    def after(self) -> str:
        return self.new.full_name


@dataclass(frozen=True, slots=True)
class Moved(Altered):
    """A type, service or extension that another file declares now."""

    what: ClassVar[str] = "file"

    @property
    def before(self) -> str:
        return str(self.old.file.name)

    @property
    def after(self) -> str:
        return str(self.new.file.name)


@dataclass(frozen=True, slots=True)
class MessageMoved(Moved):
    pass


@dataclass(frozen=True, slots=True)
class ReservedRemoved(Stated):
    """Numbers or names that a message or enum no longer keeps from being used."""

    what: ClassVar[str] = "reserved"


@dataclass(frozen=True, slots=True)
class ExtensionRangeRemoved(Stated):
    what: ClassVar[str] = "extension ranges"


@dataclass(frozen=True, slots=True)
class JsonFormatChanged(Stated):
    """Whether JSON must work (ALLOW), of a message or enum."""

    what: ClassVar[str] = "JSON format"


# --- fields


@dataclass(frozen=True, slots=True)
class FieldAdded(Added):
    new: Field
    message: MessageType | None
    """The message before it was added; None where the field is an extension."""

    @property
    def words(self) -> str:
        return f"added as {self.new.cardinality} {self.new.type_words} = {self.new.number}"


@dataclass(frozen=True, slots=True)
class FieldRemoved(Removed):
    old: Field
    around: MessageType | None = None


@dataclass(frozen=True, slots=True)
class FieldRenamed(Altered):
    old: Field
    new: Field
    what: ClassVar[str] = "name"

    @property
    def before(self) -> str:
        return self.old.name

    @property
    def after(self) -> str:
        return self.new.name


@dataclass(frozen=True, slots=True)
class FieldRenumbered(Altered):
    """A field that kept its name under another number."""

    old: Field
    new: Field
    taken: Field | None = None
    """The field that has the old number now."""
    what: ClassVar[str] = "number"

    @property
    def before(self) -> str:
        return str(self.old.number)

    @property
    def after(self) -> str:
        return str(self.new.number)


@dataclass(frozen=True, slots=True)
class NumberReused(Altered):
    """A number that another field has now, while the old field lives on elsewhere or is gone."""

    old: Field
    new: Field
    what: ClassVar[str] = "number's field"

    @property
    def before(self) -> str:
        return f"{self.old.type_words} {self.old.name}"

    @property
    def after(self) -> str:
        return f"{self.new.type_words} {self.new.name}"


@dataclass(frozen=True, slots=True)
class FieldTypeChanged(Altered):
    old: Field
    new: Field
    what: ClassVar[str] = "type"

    @property
    def before(self) -> str:
        return self.old.type_words

    @property
    def after(self) -> str:
        return self.new.type_words


@dataclass(frozen=True, slots=True)
class FieldCardinalityChanged(Altered):
    """Repeated, map or singular; the type of what is held may have changed as well."""

    old: Field
    new: Field
    what: ClassVar[str] = "cardinality"

    @property
    def before(self) -> str:
        return _held(self.old)

    @property
    def after(self) -> str:
        return _held(self.new)


@dataclass(frozen=True, slots=True)
class FieldPresenceChanged(Stated):
    """Explicit, implicit or required."""

    old: Field
    new: Field
    what: ClassVar[str] = "presence"


@dataclass(frozen=True, slots=True)
class FieldJsonNameChanged(Altered):
    old: Field
    new: Field
    what: ClassVar[str] = "JSON name"

    @property
    def before(self) -> str:
        return self.old.json_name

    @property
    def after(self) -> str:
        return self.new.json_name


@dataclass(frozen=True, slots=True)
class FieldOneofChanged(Altered):
    """A field moved into, out of, or between oneofs."""

    old: Field
    new: Field
    what: ClassVar[str] = "oneof"

    @property
    def before(self) -> str:
        return self.old.oneof.name if self.old.oneof else "none"

    @property
    def after(self) -> str:
        return self.new.oneof.name if self.new.oneof else "none"


@dataclass(frozen=True, slots=True)
class FieldDefaultChanged(Stated):
    old: Field
    new: Field
    what: ClassVar[str] = "default"


@dataclass(frozen=True, slots=True)
class FieldPackingChanged(Stated):
    """Harmless: parsers read both encodings."""

    bump: ClassVar[Bump] = Bump.NONE
    what: ClassVar[str] = "packing"


@dataclass(frozen=True, slots=True)
class FieldUtf8Changed(Stated):
    old: Field
    new: Field
    what: ClassVar[str] = "UTF-8 validation"


# --- oneofs


@dataclass(frozen=True, slots=True)
class OneofAdded(Added):
    new: Oneof


@dataclass(frozen=True, slots=True)
class OneofRemoved(Removed):
    old: Oneof


@dataclass(frozen=True, slots=True)
class OneofRenamed(Altered):
    old: Oneof
    new: Oneof
    what: ClassVar[str] = "name"

    @property
    def before(self) -> str:
        return self.old.name

    @property
    def after(self) -> str:
        return self.new.name


# --- enums


@dataclass(frozen=True, slots=True)
class EnumAdded(Added):
    new: EnumType


@dataclass(frozen=True, slots=True)
class EnumRemoved(Removed):
    old: EnumType


@dataclass(frozen=True, slots=True)
class EnumRenamed(MessageRenamed):
    old: EnumType  # type: ignore[assignment]  # the same words for another element
    new: EnumType  # type: ignore[assignment]


@dataclass(frozen=True, slots=True)
class EnumMoved(Moved):
    pass


@dataclass(frozen=True, slots=True)
class EnumOpennessChanged(Stated):
    old: EnumType
    new: EnumType
    what: ClassVar[str] = "enum type"


@dataclass(frozen=True, slots=True)
class EnumDefaultChanged(Stated):
    """The first value, which is what an unset field without a default of its own means."""

    old: EnumType
    new: EnumType
    what: ClassVar[str] = "first value"


@dataclass(frozen=True, slots=True)
class EnumValueAdded(Added):
    new: EnumValue
    enum: EnumType
    """The enum before it was added."""


@dataclass(frozen=True, slots=True)
class EnumValueRemoved(Removed):
    old: EnumValue
    around: EnumType


@dataclass(frozen=True, slots=True)
class EnumValueRenamed(Altered):
    old: EnumValue
    new: EnumValue
    what: ClassVar[str] = "name"

    @property
    def before(self) -> str:
        return self.old.name

    @property
    def after(self) -> str:
        return self.new.name


@dataclass(frozen=True, slots=True)
class EnumValueRenumbered(Altered):
    old: EnumValue
    new: EnumValue
    what: ClassVar[str] = "number"

    @property
    def before(self) -> str:
        return str(self.old.number)

    @property
    def after(self) -> str:
        return str(self.new.number)


@dataclass(frozen=True, slots=True)
class EnumAliasOrderChanged(Stated):
    """Which of a number's names is written to JSON."""

    old: EnumType
    new: EnumType
    number: int
    what: ClassVar[str] = "written name"


# --- services


@dataclass(frozen=True, slots=True)
class ServiceAdded(Added):
    new: Service


@dataclass(frozen=True, slots=True)
class ServiceRemoved(Removed):
    old: Service


@dataclass(frozen=True, slots=True)
class ServiceMoved(Moved):
    pass


@dataclass(frozen=True, slots=True)
class RpcAdded(Added):
    new: Rpc


@dataclass(frozen=True, slots=True)
class RpcRemoved(Removed):
    old: Rpc
    around: Service


@dataclass(frozen=True, slots=True)
class RpcTypeChanged(Altered):
    """The request or response message of an RPC."""

    old: Rpc
    new: Rpc


@dataclass(frozen=True, slots=True)
class RpcRequestTypeChanged(RpcTypeChanged):
    what: ClassVar[str] = "request"

    @property
    def before(self) -> str:
        return self.old.request

    @property
    def after(self) -> str:
        return self.new.request


@dataclass(frozen=True, slots=True)
class RpcResponseTypeChanged(RpcTypeChanged):
    what: ClassVar[str] = "response"

    @property
    def before(self) -> str:
        return self.old.response

    @property
    def after(self) -> str:
        return self.new.response


@dataclass(frozen=True, slots=True)
class RpcStreamingChanged(Altered):
    old: Rpc
    new: Rpc
    what: ClassVar[str] = "style"

    @property
    def before(self) -> str:
        return self.old.style

    @property
    def after(self) -> str:
        return self.new.style


@dataclass(frozen=True, slots=True)
class RpcIdempotencyChanged(Stated):
    old: Rpc
    new: Rpc
    what: ClassVar[str] = "idempotency level"


# --- extensions


@dataclass(frozen=True, slots=True)
class ExtensionAdded(FieldAdded):
    pass


@dataclass(frozen=True, slots=True)
class ExtensionRemoved(Removed):
    old: Field


@dataclass(frozen=True, slots=True)
class ExtensionRenumbered(FieldRenumbered):
    pass


@dataclass(frozen=True, slots=True)
class ExtendeeChanged(Stated):
    """The message that an extension extends."""

    old: Field
    new: Field
    what: ClassVar[str] = "extended message"


@dataclass(frozen=True, slots=True)
class ExtensionMoved(Moved):
    pass


def _held(field: Field) -> str:
    words = field.type_words
    return f"repeated {words}" if field.cardinality == "repeated" else words


__all__ = [name for name in dir() if name[0].isupper()] + ["Location"]
