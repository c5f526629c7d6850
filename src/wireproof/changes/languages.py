"""What differs in the features that languages define, told once where they were set for a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from google.protobuf import descriptor_pb2

from wireproof.changes import kinds
from wireproof.schema import languages
from wireproof.schema.elements import EnumType, File, MessageType
from wireproof.schema.fields import Field
from wireproof.schema.languages import LanguageFeature

_Bearer = File | MessageType | EnumType | Field
_CType = descriptor_pb2.FieldOptions.CType


def language_changes(old: _Bearer, new: _Bearer) -> Iterator[kinds.LanguageFeatureChanged]:
    """The features that bear on the element itself, where its file does not tell the same."""
    optioned = isinstance(old, Field) and old.proto.options != new.proto.options
    if old.features.languages == new.features.languages and not optioned:
        return
    for feature, bears in _BEARERS.items():
        told = _told(feature, old), _told(feature, new)
        if told[0] == told[1] or not (bears(old) and bears(new)):
            continue
        if isinstance(old, File) or told != (_told(feature, old.file), _told(feature, new.file)):
            yield kinds.LanguageFeatureChanged(old, new, *told, feature.name)


def _told(feature: LanguageFeature, element: _Bearer) -> str:
    if feature is languages.STRING_TYPE and isinstance(element, Field):
        return string_type(element)
    return feature.told(element.features.of(feature))


def string_type(field: Field) -> str:
    """The C++ type of a string field, by its `ctype` where it has one."""
    options = field.proto.options
    if options.HasField("ctype"):
        return _CType.Name(options.ctype)
    return languages.STRING_TYPE.told(field.features.of(languages.STRING_TYPE))


def _is_string(element: _Bearer) -> bool:
    return isinstance(element, Field) and element.kind in ("string", "bytes")


def _is_repeated(element: _Bearer) -> bool:
    return isinstance(element, Field) and element.repeated and not element.map_entry


def _is_message(element: _Bearer) -> bool:
    return isinstance(element, MessageType) and not element.is_map_entry


def _is_enum(element: _Bearer) -> bool:
    return isinstance(element, EnumType)


def _is_outermost(element: _Bearer) -> bool:
    return isinstance(element, (MessageType, EnumType)) and isinstance(element.parent, File)


def _or_file(feature: LanguageFeature, bears: Callable[[_Bearer], bool]) -> Callable[..., bool]:
    """Also a file in which some element that the feature bears on has the file's value."""

    def bearing(element: _Bearer) -> bool:
        if not isinstance(element, File):
            return bears(element)
        whole = _told(feature, element)
        return any(bears(one) and _told(feature, one) == whole for one in _within(element))

    return bearing


def _within(file: File) -> Iterator[_Bearer]:
    yield from file.extensions
    yield from file.all_enums()
    for message in file.all_messages():
        yield message
        yield from message.fields


_BEARERS: Mapping[LanguageFeature, Callable[..., bool]] = {
    languages.OLD_OUTER_CLASS: lambda element: isinstance(element, File),
    **{
        feature: _or_file(feature, bears)
        for feature, bears in (
            (languages.STRING_TYPE, _is_string),
            (languages.REPEATED_TYPE, _is_repeated),
            (languages.ENUM_NAME_VIEW, _is_enum),
            (languages.LARGE_ENUM, _is_enum),
            (languages.ENUM_PREFIX, _is_enum),
            (languages.NESTING, _is_outermost),
            (languages.API_LEVEL, _is_message),
        )
    },
}
"""Feature → whether it bears on an element. What Java verifies is told of each field."""
