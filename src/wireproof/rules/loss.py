"""What becomes of the values of a field when one version writes and the other reads."""

from __future__ import annotations

from collections.abc import Callable

from wireproof.rules.context import Context
from wireproof.rules.nulls import is_null, loss_of_names, loss_of_null
from wireproof.rules.rule import Flow
from wireproof.rules.structure import Difference
from wireproof.rules.values import Values, json_loss, wire_loss
from wireproof.schema.fields import Field

_MESSAGES = ("message", "group")


def _values(field: Field, context: Context, *, old: bool) -> Values:
    find = context.old_enum if old else context.new_enum
    enum = find(field.type_name) if field.kind == "enum" else None
    return Values(field.kind, enum, field.checks_utf8)


def type_difference(old: Field, new: Field, context: Context) -> Difference:
    """The ways on which single values of the two fields' types are lost."""
    if old.map_entry and new.map_entry:
        pairs = zip(old.map_entry.fields, new.map_entry.fields, strict=True)
        return _both([type_difference(was, now, context) for was, now in pairs])
    was, now = _values(old, context, old=True), _values(new, context, old=False)
    wire = Difference(_flows(wire_loss, was, now), because=_because(was, now, wire_loss))
    structural = _structural(old, new, context)
    if is_null(old) != is_null(new):
        json = _nulls(old, new, was, now)
        because = structural.because if structural.wire else ""
        structural = Difference(wire=structural.wire, because=because)
    else:
        plain = _unwrapped(old, was), _unwrapped(new, now)
        json = Difference(json=_flows(json_loss, *plain), because=_because(*plain, json_loss))
    return _both([wire, json, structural, _emptied(old, new)])


def _nulls(old: Field, new: Field, was: Values, now: Values) -> Difference:
    """What is lost in JSON where one of the two knows nothing but null."""
    forth, back = _null_loss(old, new, was, now), _null_loss(new, old, now, was)
    flows = (Flow.OLD_TO_NEW if forth else Flow.NONE) | (Flow.NEW_TO_OLD if back else Flow.NONE)
    return Difference(json=flows, because=forth or back)


def _null_loss(writer: Field, reader: Field, written: Values, read: Values) -> str:
    if is_null(writer):
        return loss_of_null(writer, reader)
    if written.enum is not None:
        return loss_of_names(writer, written.enum)
    return json_loss(written, read)


def _emptied(old: Field, new: Field) -> Difference:
    """An empty message that is read as bytes without presence reads as unset.

    In JSON a wrapper is its value, and one of zero reads as unset without presence.
    """
    forth = Flow.OLD_TO_NEW if _loses_presence(old, new) else Flow.NONE
    back = Flow.NEW_TO_OLD if _loses_presence(new, old) else Flow.NONE
    zero = old.type_name in _WRAPPERS and new.cardinality == "implicit"
    because = "an empty message reads as unset" if forth else ""
    because = "a wrapper of zero reads as unset" if zero else because
    return Difference(forth | back, Flow.OLD_TO_NEW if zero else Flow.NONE, because)


def _loses_presence(writer: Field, reader: Field) -> bool:
    return writer.kind == "message" and reader.kind == "bytes" and reader.cardinality == "implicit"


_WRAPPERS = {
    f"google.protobuf.{name}Value": Values(name.lower())
    for name in ("Int32", "Int64", "UInt32", "UInt64", "Float", "Double", "Bool", "String", "Bytes")
}
# In JSON these are written in a form of their own, whatever message has the same fields.
_FORMS = {
    f"google.protobuf.{name}": Values(name)
    for name in (
        "Any",
        "Duration",
        "Empty",
        "FieldMask",
        "ListValue",
        "Struct",
        "Timestamp",
        "Value",
    )
}


def _unwrapped(field: Field, values: Values) -> Values:
    """In JSON a wrapper is written as the value that it holds, and time as text."""
    return _WRAPPERS.get(field.type_name) or _FORMS.get(field.type_name, values)


def _structural(old: Field, new: Field, context: Context) -> Difference:
    if old.kind in _MESSAGES and new.kind in _MESSAGES:
        return context.structure.messages(old.type_name, new.type_name)
    if old.kind == "enum" and new.kind == "enum":
        return context.structure.enums(old.type_name, new.type_name)
    return Difference()


def _flows(loss: Callable[[Values, Values], str], was: Values, now: Values) -> Flow:
    forth = Flow.OLD_TO_NEW if loss(was, now) else Flow.NONE
    return forth | (Flow.NEW_TO_OLD if loss(now, was) else Flow.NONE)


def _because(was: Values, now: Values, loss: Callable[[Values, Values], str]) -> str:
    return loss(was, now) or loss(now, was)


def _both(found: list[Difference]) -> Difference:
    whole = Difference()
    for one in found:
        because = whole.because or one.because
        whole = Difference(whole.wire | one.wire, whole.json | one.json, because)
    return whole


def cardinality_difference(old: Field, new: Field, context: Context) -> Difference:
    """The ways on which a change between singular, repeated and map loses something."""
    wire = _fewer(old, new, Flow.OLD_TO_NEW) | _fewer(new, old, Flow.NEW_TO_OLD)
    because = "a reader of one value keeps the last of several, or drops a packed list"
    if old.map_entry or new.map_entry:
        because = "a map keeps one value a key, and its JSON form is another"
    inner = _inner(old, new, context)
    plain = bool(old.map_entry) == bool(new.map_entry)
    return Difference(wire | inner.wire, Flow.BOTH, (plain and inner.because) or because)


def _inner(old: Field, new: Field, context: Context) -> Difference:
    """What single elements lose; a map's element is its entry."""
    if old.kind in _MESSAGES and new.kind in _MESSAGES and old.kind == new.kind:
        return context.structure.messages(old.type_name, new.type_name)
    was, now = _values(old, context, old=True), _values(new, context, old=False)
    return Difference(_flows(wire_loss, was, now), Flow.BOTH, _because(was, now, wire_loss))


def _fewer(writer: Field, reader: Field, flow: Flow) -> Flow:
    """*flow* where the reader keeps fewer elements than the writer may write."""
    many = writer.repeated and not reader.repeated
    unique = writer.repeated and not writer.map_entry and reader.map_entry is not None
    return flow if many or unique else Flow.NONE
