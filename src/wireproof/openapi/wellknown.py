"""ProtoJSON of the messages that it writes in a way of their own.

https://protobuf.dev/programming-guides/json/ says how.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wireproof.openapi.numbers import integer

Shape = dict[str, Any]

STATUS = "google.rpc.Status"

_FLOAT: Shape = {
    "anyOf": [{"type": "number"}, {"type": "string", "enum": ["NaN", "Infinity", "-Infinity"]}]
}
BASE64 = r"^[A-Za-z0-9+/_-]*={0,2}$"
BYTES: Shape = {"type": "string", "contentEncoding": "base64", "pattern": BASE64}

SCALARS: Mapping[str, Shape] = {
    "double": {**_FLOAT, "format": "double"},
    "float": {**_FLOAT, "format": "float"},
    "int64": integer("int64"),
    "sint64": integer("int64"),
    "sfixed64": integer("int64"),
    "uint64": integer("uint64"),
    "fixed64": integer("uint64"),
    "int32": integer("int32"),
    "sint32": integer("int32"),
    "sfixed32": integer("int32"),
    "uint32": integer("uint32"),
    "fixed32": integer("uint32"),
    "bool": {"type": "boolean"},
    "string": {"type": "string"},
    "bytes": BYTES,
}

_ANY: Shape = {
    "type": "object",
    "description": "A message of any type, named by its @type, with its fields beside it.",
    "properties": {"@type": {"type": "string"}},
    "additionalProperties": True,
}

WELL_KNOWN: Mapping[str, Shape] = {
    "google.protobuf.Any": _ANY,
    "google.protobuf.Timestamp": {"type": "string", "format": "date-time"},
    "google.protobuf.Duration": {
        "type": "string",
        "pattern": r"^-?[0-9]{1,12}(\.[0-9]{1,9})?s$",
        "examples": ["1.5s"],
    },
    "google.protobuf.FieldMask": {
        "type": "string",
        "description": "Paths of fields in lowerCamelCase, separated by commas.",
        "examples": ["displayName,profile.bio"],
    },
    "google.protobuf.Empty": {"type": "object"},
    "google.protobuf.Struct": {"type": "object", "additionalProperties": True},
    "google.protobuf.Value": {"description": "Any JSON value."},
    "google.protobuf.ListValue": {"type": "array", "items": {}},
    "google.protobuf.DoubleValue": SCALARS["double"],
    "google.protobuf.FloatValue": SCALARS["float"],
    "google.protobuf.Int64Value": SCALARS["int64"],
    "google.protobuf.UInt64Value": SCALARS["uint64"],
    "google.protobuf.Int32Value": SCALARS["int32"],
    "google.protobuf.UInt32Value": SCALARS["uint32"],
    "google.protobuf.BoolValue": SCALARS["bool"],
    "google.protobuf.StringValue": SCALARS["string"],
    "google.protobuf.BytesValue": SCALARS["bytes"],
}
NULL_VALUE = "google.protobuf.NullValue"

# Well-known types that fit into a query string: those that are one JSON scalar.
IN_QUERY = frozenset(
    name
    for name, shape in WELL_KNOWN.items()
    if shape.get("type", "number") not in ("object", "array") and not name.endswith(".Value")
)

STATUS_SHAPE: Shape = {
    "type": "object",
    "description": "What every error answers: see https://google.aip.dev/193.",
    "properties": {
        "code": {**SCALARS["int32"], "description": "A value of google.rpc.Code."},
        "message": {"type": "string", "description": "For developers, in English."},
        "details": {
            "type": "array",
            "description": "Messages that carry more: google.rpc.ErrorInfo, BadRequest and others.",
            "items": _ANY,
        },
    },
}
