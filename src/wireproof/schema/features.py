"""What syntax and editions settle for an element: the features of all three, in one form.

Defaults as the protobuf specification's edition table gives them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

from google.protobuf import descriptor_pb2

from wireproof.schema import languages
from wireproof.schema.languages import LanguageFeature

_Set = descriptor_pb2.FeatureSet
_Visibility = _Set.VisibilityFeature


@dataclass(frozen=True, slots=True)
class Features:
    """The resolved features that change what bytes, JSON or generated code mean."""

    presence: int = _Set.EXPLICIT
    enum: int = _Set.CLOSED
    repeated: int = _Set.EXPANDED
    utf8: int = _Set.NONE
    message: int = _Set.LENGTH_PREFIXED
    json: int = _Set.LEGACY_BEST_EFFORT
    visibility: int = _Visibility.EXPORT_ALL
    languages: languages.Resolved = languages.PROTO2

    def of(self, feature: LanguageFeature) -> int:
        """The value of a feature that a language defines."""
        return self.languages[languages.FEATURES.index(feature)]


PROTO2 = Features()
PROTO3 = Features(
    presence=_Set.IMPLICIT,
    enum=_Set.OPEN,
    repeated=_Set.PACKED,
    utf8=_Set.VERIFY,
    json=_Set.ALLOW,
    languages=languages.PROTO3,
)
EDITION_2023 = replace(PROTO3, presence=_Set.EXPLICIT)
EDITION_2024 = replace(
    EDITION_2023,
    visibility=_Visibility.EXPORT_TOP_LEVEL,
    languages=languages.EDITION_2024,
)
"""And those after it."""

_FIELDS = {
    "presence": "field_presence",
    "enum": "enum_type",
    "repeated": "repeated_field_encoding",
    "utf8": "utf8_validation",
    "message": "message_encoding",
    "json": "json_format",
    "visibility": "default_symbol_visibility",
}


def file_features(file: descriptor_pb2.FileDescriptorProto) -> Features:
    """The features of a file before its elements override them."""
    base = PROTO3 if file.syntax == "proto3" else PROTO2
    if file.syntax == "editions":
        base = EDITION_2024 if file.edition >= descriptor_pb2.EDITION_2024 else EDITION_2023
    if file.options.java_string_check_utf8:
        base = replace(base, languages=languages.java_verifies(base.languages))
    return merged(base, file.options)


def merged(inherited: Features, options: object) -> Features:
    """*inherited* with what the `features` of *options* override."""
    if not options.HasField("features"):  # type: ignore[attr-defined]
        return inherited
    return _merged(inherited, options.features.SerializeToString())  # type: ignore[attr-defined]


@lru_cache(maxsize=1024)
def _merged(inherited: Features, features: bytes) -> Features:
    chosen = _Set.FromString(features)
    overrides = {
        ours: getattr(chosen, theirs)
        for ours, theirs in _FIELDS.items()
        if chosen.HasField(theirs)  # type: ignore[arg-type]  # the stubs list every name
    }
    spoken = languages.overridden(inherited.languages, features)
    return replace(inherited, **overrides, languages=spoken)


def exported(features: Features, said: int, *, outermost: bool) -> bool:
    """Whether other files may use a type: by what it says itself (`export`, `local`), or else."""
    if said:
        return said == descriptor_pb2.VISIBILITY_EXPORT
    if features.visibility == _Visibility.EXPORT_TOP_LEVEL:
        return outermost
    return features.visibility == _Visibility.EXPORT_ALL
