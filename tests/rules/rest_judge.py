"""What breaks a REST client, told from two OpenAPI documents alone.

It knows nothing of descriptors, and judges as a client does: are its operations and parameters
there, does the new document take what the old one did, do replies hold what they held, in forms
that the old document knew? Values are drawn from the documents, and judged by jsonschema.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

JSON = "application/json"
DEEPEST = 3
Shape = dict[str, Any]


@dataclass
class Document:
    """A document, and the values that its schemas take."""

    content: dict[str, Any]
    _judges: dict[int, Draft202012Validator] = field(default_factory=dict)

    @cached_property
    def operations(self) -> Mapping[tuple[str, str], Shape]:
        """Operations by their path, whatever its variables are called, and verb."""
        return {
            (re.sub(r"\{[^}]*\}", "{}", path), verb): made
            for path, item in self.content["paths"].items()
            for verb, made in item.items()
        }

    @cached_property
    def _registry(self) -> Registry[Any]:
        resource: Resource[Any] = DRAFT202012.create_resource(self.content)
        found: Registry[Any] = Registry().with_resource("doc:", resource)
        return found

    def resolved(self, shape: Shape) -> Shape:
        """What a reference refers to."""
        while "$ref" in shape:
            name = shape["$ref"].removeprefix("#/components/schemas/")
            shape = self.content["components"]["schemas"][name]
        return shape

    def takes(self, shape: Shape, value: Any) -> bool:
        if id(shape) not in self._judges:
            self._judges[id(shape)] = Draft202012Validator(
                _absolute(shape), registry=self._registry
            )
        return bool(self._judges[id(shape)].is_valid(value))

    def values(self, shape: Shape) -> list[Any]:
        """Some values that the schema takes, each at a border of what it says."""
        return [value for value in self._drawn(shape, 0) if self.takes(shape, value)]

    def _drawn(self, shape: Shape, depth: int) -> Iterator[Any]:
        shape = self.resolved(shape)
        if "const" in shape:
            yield shape["const"]
        yield from shape.get("enum", ())
        for option in shape.get("anyOf", ()):
            yield from self._drawn({**_rest(shape), **self.resolved(option)}, depth)
        kind = shape.get("type")
        if kind == "object" and depth < DEEPEST:
            yield from self._objects(shape, depth)
        elif kind == "array" and depth < DEEPEST:
            items = [*self._drawn(shape.get("items", {}), depth + 1)][:3]
            sizes = {0, 1, shape.get("minItems", 0), shape.get("maxItems", 2)}
            yield from ([item] * size for item in items for size in sizes)
        elif isinstance(kind, str):
            yield from _scalars(kind, shape)

    def _objects(self, shape: Shape, depth: int) -> Iterator[Shape]:
        """The least, and with each other property beside it, by each of its values."""
        properties = shape.get("properties", {})
        drawn = {name: [*self._drawn(one, depth + 1)] for name, one in properties.items()}
        least = {name: next(iter(drawn[name]), None) for name in shape.get("required", ())}
        good = {
            name: [value for value in values if self.takes(properties[name], value)]
            for name, values in drawn.items()
        }
        least = {name: next(iter(good[name]), None) for name in least}
        yield least
        for name, values in good.items():
            yield from ({**least, name: value} for value in values[:6])
        if isinstance(more := shape.get("additionalProperties"), dict):
            yield from ({"1": value} for value in [*self._drawn(more, depth + 1)][:3])
            yield from ({"true": value} for value in [*self._drawn(more, depth + 1)][:1])


def breaks(old: Document, new: Document) -> Iterator[str]:
    """Whatever a client of the old document meets, in words."""
    for where, before in old.operations.items():
        after = new.operations.get(where)
        if after is None:
            yield f"{where} is gone"
            continue
        asked = (*_parameters(old, before, new, after), *_bodies(old, before, new, after))
        yield from (f"{where}: {told}" for told in asked)
        was, now = _answer(before), _answer(after)
        told = (*_lost(new, now, old, was, refused="a reply unknown"), *_gone(old, was, new, now))
        yield from (f"{where} answers: {one}" for one in told)


def _parameters(old: Document, before: Shape, new: Document, after: Shape) -> Iterator[str]:
    was, now = _named(before), _named(after)
    for key, parameter in was.items():
        if key not in now:
            yield f"{key} is gone"
        else:
            yield from _lost(old, parameter["schema"], new, now[key]["schema"], refused=f"{key}")
            if now[key]["required"] and not parameter["required"]:
                yield f"{key} is required"
    yield from (
        f"{k} is new and required" for k, p in now.items() if k not in was and p["required"]
    )


def _named(made: Shape) -> dict[tuple[str, str], Shape]:
    """Parameters by their place and name, those of the path by their position."""
    parameters = made.get("parameters", ())
    path = [p for p in parameters if p["in"] == "path"]
    query = [p for p in parameters if p["in"] != "path"]
    return {("path", str(n)): p for n, p in enumerate(path)} | {
        (p["in"], p["name"]): p for p in query
    }


def _bodies(old: Document, before: Shape, new: Document, after: Shape) -> Iterator[str]:
    was, now = before.get("requestBody"), after.get("requestBody")
    if was is None or now is None:
        if was is not None:
            yield "takes no body"
        elif now is not None and now["required"]:
            yield "a body is required"
        return
    if now["required"] and not was["required"]:
        yield "the body is required"
    shapes = was["content"][JSON]["schema"], now["content"][JSON]["schema"]
    yield from _lost(old, shapes[0], new, shapes[1], refused="a body")
    yield from _gone(old, shapes[0], new, shapes[1])


def _answer(made: Shape) -> Shape:
    shape: Shape = made["responses"]["200"]["content"][JSON]["schema"]
    return shape


def _lost(
    writer: Document, written: Shape, reader: Document, read: Shape, *, refused: str
) -> Iterator[str]:
    """A value that the one document allows and the other refuses."""
    for value in writer.values(written):
        if not reader.takes(read, value):
            yield f"{refused}: {value!r}"
            return


def _gone(old: Document, was: Shape, new: Document, now: Shape, depth: int = 0) -> Iterator[str]:
    """Properties that are no longer known, however deep; and those of the elements of lists."""
    was, now = old.resolved(was), new.resolved(now)
    if depth > DEEPEST:
        return
    before, after = was.get("properties", {}), now.get("properties", {})
    for name, shape in before.items():
        if name in after:
            yield from _gone(old, _bare(shape), new, _bare(after[name]), depth + 1)
        else:
            yield f"{name} is gone"
    for inner in ("items", "additionalProperties"):
        if isinstance(was.get(inner), dict) and isinstance(now.get(inner), dict):
            yield from _gone(old, was[inner], new, now[inner], depth + 1)


def _bare(shape: Shape) -> Shape:
    """Without the null that stands for an unset field."""
    options = [one for one in shape.get("anyOf", ()) if one != {"type": "null"}]
    return options[0] if len(options) == 1 else shape


def _rest(shape: Shape) -> Shape:
    return {key: value for key, value in shape.items() if key not in ("anyOf", "enum", "const")}


def _scalars(kind: str, shape: Shape) -> Iterator[Any]:
    if kind == "string":
        for size in {0, 1, shape.get("minLength", 0), shape.get("maxLength", 2)}:
            yield "a" * min(size, 99)
        yield from ("1", "-1", "true", "AAAA", "2020-01-01T00:00:00Z", "1s", "NaN")
    elif kind in ("integer", "number"):
        edges = (shape.get(key) for key in ("minimum", "maximum"))
        yield from (edge for edge in (*edges, 0, 1, -1, 2**31, 2**63, 1.5) if edge is not None)
    elif kind == "boolean":
        yield from (True, False)


def _absolute(shape: Any) -> Any:
    """A schema by itself, whose references lead to the document."""
    if isinstance(shape, dict):
        return {
            key: f"doc:{value}" if key == "$ref" else _absolute(value)
            for key, value in shape.items()
        }
    return [*map(_absolute, shape)] if isinstance(shape, list) else shape
