"""The features that languages define for themselves (`pb.cpp`, `pb.java`, `pb.go`), resolved.

Numbers and defaults as `cpp_features.proto`, `java_features.proto` and `go_features.proto` give
them (`edition_defaults`); they are read from bytes, since a schema need not import those files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool, empty_pb2, message_factory
from google.protobuf.unknown_fields import UnknownFieldSet

CPP, JAVA, GO = 1000, 1001, 1002
"""The numbers by which the languages extend FeatureSet."""
_BOOL = ("false", "true")
_DELIMITED = 2


@dataclass(frozen=True, slots=True)
class LanguageFeature:
    """One feature; defaults are numbers of *values*."""

    name: str
    extension: int
    number: int
    values: tuple[str, ...]
    proto2: int
    proto3: int
    """The default of proto3 and of edition 2023."""
    edition_2024: int

    def told(self, value: int) -> str:
        known = 0 <= value < len(self.values) and self.values[value]
        return known or str(value)


STRING_TYPE = LanguageFeature("pb.cpp.string_type", CPP, 2, ("", "VIEW", "CORD", "STRING"), 3, 3, 1)
ENUM_NAME_VIEW = LanguageFeature("pb.cpp.enum_name_uses_string_view", CPP, 3, _BOOL, 0, 0, 1)
REPEATED_TYPE = LanguageFeature("pb.cpp.repeated_type", CPP, 4, ("", "LEGACY", "PROXY"), 1, 1, 1)
JAVA_UTF8 = LanguageFeature("pb.java.utf8_validation", JAVA, 2, ("", "DEFAULT", "VERIFY"), 1, 1, 1)
LARGE_ENUM = LanguageFeature("pb.java.large_enum", JAVA, 3, _BOOL, 0, 0, 0)
OLD_OUTER_CLASS = LanguageFeature(
    "pb.java.use_old_outer_classname_default", JAVA, 4, _BOOL, 1, 1, 0
)
NESTING = LanguageFeature(
    "pb.java.nest_in_file_class", JAVA, 5, ("", "NO", "YES", "LEGACY"), 3, 3, 1
)
API_LEVEL = LanguageFeature(
    "pb.go.api_level", GO, 2, ("API_OPEN", "API_OPEN", "API_HYBRID", "API_OPAQUE"), 0, 0, 3
)
"""Unspecified means open."""
ENUM_PREFIX = LanguageFeature(
    "pb.go.strip_enum_prefix", GO, 3, ("", "KEEP", "GENERATE_BOTH", "STRIP"), 1, 1, 1
)

FEATURES = (
    STRING_TYPE,
    ENUM_NAME_VIEW,
    REPEATED_TYPE,
    JAVA_UTF8,
    LARGE_ENUM,
    OLD_OUTER_CLASS,
    NESTING,
    API_LEVEL,
    ENUM_PREFIX,
)
Resolved = tuple[int, ...]
"""The value of each of FEATURES, in their order."""
PROTO2: Resolved = tuple(one.proto2 for one in FEATURES)
PROTO3: Resolved = tuple(one.proto3 for one in FEATURES)
EDITION_2024: Resolved = tuple(one.edition_2024 for one in FEATURES)


def overridden(inherited: Resolved, features: bytes) -> Resolved:
    """*inherited* with what a serialized FeatureSet says otherwise."""
    return _chosen(inherited, said(features))


def java_verifies(inherited: Resolved) -> Resolved:
    """*inherited* as the option `java_string_check_utf8` changes it."""
    verify = JAVA_UTF8.values.index("VERIFY")
    return _chosen(inherited, {(JAVA_UTF8.extension, JAVA_UTF8.number): verify})


def _chosen(inherited: Resolved, said: Mapping[tuple[int, int], Any]) -> Resolved:
    return tuple(
        said.get((one.extension, one.number), value)
        for one, value in zip(FEATURES, inherited, strict=True)
    )


def said(features: bytes) -> dict[tuple[int, int], Any]:
    """What a serialized FeatureSet says for languages: (its extension, its number) → value."""
    return {
        (language.field_number, field.field_number): field.data
        for language in _fields(_plain.FromString(features))
        if language.wire_type == _DELIMITED
        for field in _fields(empty_pb2.Empty.FromString(language.data))
    }


def unknown(features: bytes) -> dict[tuple[int, int], Any]:
    """What it says that is none of FEATURES."""
    known = {(one.extension, one.number) for one in FEATURES}
    return {key: value for key, value in said(features).items() if key not in known}


def _fields(message: Any) -> Any:
    return UnknownFieldSet(message)


def _without_extensions() -> Any:
    """FeatureSet in a pool of its own: the default one knows what the process has imported."""
    pool = descriptor_pool.DescriptorPool()
    pool.AddSerializedFile(descriptor_pb2.DESCRIPTOR.serialized_pb)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("google.protobuf.FeatureSet"))


_plain = _without_extensions()
