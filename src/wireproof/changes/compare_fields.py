"""What differs between the fields of two versions of a message.

Numbers carry data on the wire and names do in JSON and code, so a field may be matched by either.
"""

from __future__ import annotations

from collections.abc import Iterator

from wireproof.changes import kinds
from wireproof.changes.change import Change
from wireproof.changes.defaults import default_changes
from wireproof.changes.languages import language_changes
from wireproof.changes.options import asked_otherwise, option_changes
from wireproof.changes.versions import Versions
from wireproof.schema.elements import MessageType
from wireproof.schema.fields import Field


def field_changes(old: MessageType, new: MessageType, versions: Versions) -> Iterator[Change]:
    """Fields added, removed, renamed, renumbered, and what changed in those that stayed."""
    heirs: set[str] = set()
    for field in old.fields:
        same, heir = new.by_name.get(field.name), new.by_number.get(field.number)
        if same is not None and _same(field, same, versions):
            continue
        if same is not None:
            yield from _kept_name(field, same, heir, versions)
        elif heir is not None and heir.name not in old.by_name and _may_be(field, heir, versions):
            heirs.add(heir.name)
            yield kinds.FieldRenamed(field, heir)
            yield from altered_field(field, heir, versions)
        elif (extension := versions.new_extension(new, field.number)) is not None:
            yield kinds.FieldRenamed(field, extension)
            yield from altered_field(field, extension, versions)
        else:
            yield kinds.FieldRemoved(field, new)
            if heir is not None:
                yield kinds.NumberReused(field, heir)
    for field in new.fields:
        if field.name not in old.by_name and field.name not in heirs:
            yield kinds.FieldAdded(field, old)


def _may_be(field: Field, heir: Field, versions: Versions) -> bool:
    """Whether the two may be one field under another name: what they hold is encoded alike.

    Of two messages, what is alike is told by their fields: where none has its number and name in
    both, they stand for different things.
    """
    if _encoding(field) != _encoding(heir):
        return False
    if field.kind not in ("message", "group") or not type_changed(field, heir, versions):
        return True
    was, now = versions.old.message(field.type_name), versions.new.message(heir.type_name)
    if was is None or now is None or field.map_entry:
        return True
    before, after = ({(one.number, one.name) for one in side.fields} for side in (was, now))
    return not before or not after or bool(before & after)


def _encoding(field: Field) -> str:
    return "map" if field.map_entry else _ENCODINGS.get(field.kind, field.kind)


_ENCODINGS = {
    **dict.fromkeys(("int32", "int64", "uint32", "uint64", "enum"), "varint"),
    **dict.fromkeys(("sint32", "sint64"), "zigzag"),
    **dict.fromkeys(("fixed32", "sfixed32"), "four bytes"),
    **dict.fromkeys(("fixed64", "sfixed64"), "eight bytes"),
    **dict.fromkeys(("string", "bytes"), "text"),
}
"""Kind → how the values that readers take for one another are encoded; any other stands alone."""


def _kept_name(old: Field, same: Field, heir: Field | None, versions: Versions) -> Iterator[Change]:
    if same.number != old.number:
        yield kinds.FieldRenumbered(old, same, heir)
    yield from altered_field(old, same, versions)


def altered_field(old: Field, new: Field, versions: Versions) -> Iterator[Change]:
    """What differs between two versions of one field, its name and number apart."""
    if _same(old, new, versions):
        return
    yield from option_changes(old, new, versions)
    yield from asked_otherwise(old, new, versions)
    yield from language_changes(old, new)
    moved = _oneof_moved(old, new)
    yield from _shape(old, new, versions, moved=moved)
    if old.name == new.name and old.json_name != new.json_name:
        yield kinds.FieldJsonNameChanged(old, new)
    if moved:
        yield kinds.FieldOneofChanged(old, new)
    yield from default_changes(old, new)


def _same(old: Field, new: Field, versions: Versions) -> bool:
    """The usual case, told at a glance: nothing written differs, and nothing else bears on it."""
    proto = old.proto
    if proto != new.proto or old.parent.features != new.parent.features:
        return False
    if proto.HasField("oneof_index") and not proto.proto3_optional:
        return False
    if not proto.type_name:
        return True
    plain = old.kind == new.kind and not old.map_entry and not new.map_entry
    return plain and versions.keeps(old.type_name)


def _shape(old: Field, new: Field, versions: Versions, *, moved: bool) -> Iterator[Change]:
    if (old.repeated, bool(old.map_entry)) != (new.repeated, bool(new.map_entry)):
        yield kinds.FieldCardinalityChanged(old, new)
        return
    if type_changed(old, new, versions):
        yield kinds.FieldTypeChanged(old, new)
    elif old.repeated and old.packed != new.packed:
        yield kinds.FieldPackingChanged(old, new, _packing(old), _packing(new))
    else:
        yield from _verification(old, new)
    # A oneof brings presence with it, and so does a message: that is told once, as the move.
    implied = moved or _is_message(old) != _is_message(new)
    if old.cardinality != new.cardinality and not (implied and not _required(old, new)):
        yield kinds.FieldPresenceChanged(old, new, old.cardinality, new.cardinality)


def _verification(old: Field, new: Field) -> Iterator[Change]:
    """Which strings parsers refuse; a map's key and value have features of their own."""
    for was, now in _texts(old, new):
        if was.checks_utf8 != now.checks_utf8:
            told = _utf8(was.checks_utf8), _utf8(now.checks_utf8)
            yield kinds.FieldUtf8Changed(old, new, *told)
            return
        if was.java_checks_utf8 != now.java_checks_utf8:
            told = _utf8(was.java_checks_utf8), _utf8(now.java_checks_utf8)
            yield kinds.FieldJavaUtf8Changed(old, new, *told)
            return


def _texts(old: Field, new: Field) -> Iterator[tuple[Field, Field]]:
    """The strings of both: the field itself, or what is in its entries."""
    pairs = [(old, new)]
    if old.map_entry and new.map_entry:
        pairs = list(zip(old.map_entry.fields, new.map_entry.fields, strict=True))
    yield from (pair for pair in pairs if pair[0].kind == "string")


def _is_message(field: Field) -> bool:
    return field.kind in ("message", "group")


def _required(old: Field, new: Field) -> bool:
    return old.required or new.required


def type_changed(old: Field, new: Field, versions: Versions) -> bool:
    """Whether the declared type differs, renamed packages apart."""
    if old.map_entry and new.map_entry:
        both = zip(old.map_entry.fields, new.map_entry.fields, strict=True)
        return any(type_changed(was, now, versions) for was, now in both)
    if old.kind != new.kind:
        return True
    moved = versions.new_name(old.type_name)
    renamed = old.type_name in versions.names
    return (new.type_name != moved) or (renamed and new.type_name != old.type_name)


def _oneof_moved(old: Field, new: Field) -> bool:
    """Whether it shares a oneof with other fields than before; a renamed oneof moves nothing."""
    before, after = old.oneof, new.oneof
    if before is None or after is None:
        return before is not after
    if before.name == after.name:
        return False
    known = {o.name for o in after.message.oneofs}
    return before.name in known or bool(_foreign(before, after))


def _foreign(before: object, after: object) -> set[int]:
    was = {f.number for f in before.fields}  # type: ignore[attr-defined]
    mates = after.fields  # type: ignore[attr-defined]
    old_fields = before.message.by_number  # type: ignore[attr-defined]
    return {f.number for f in mates if f.number in old_fields and f.number not in was}


def _packing(field: Field) -> str:
    return "packed" if field.packed else "expanded"


def _utf8(checks: object) -> str:
    return "verified" if checks else "not verified"
