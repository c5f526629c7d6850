"""A schema with every way of binding a method, and its document."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from wireproof.openapi import Document, openapi
from wireproof.schema.schema import Schema
from wireproof.schema.source import load

PROTOS = Path(__file__).parent / "protos"


@cache
def library() -> Schema:
    """A service that keeps books."""
    return load(str(PROTOS))


@cache
def document() -> Document:
    """Its document, not to be changed."""
    return openapi(library())


def operation(verb: str, path: str) -> Any:
    """One of its operations."""
    return document().content["paths"][path][verb]


def component(name: str) -> Any:
    """One of its schemas."""
    return document().content["components"]["schemas"][f"library.v1.{name}"]


def body_of(made: Any) -> Any:
    """The schema of an operation's body."""
    return made["requestBody"]["content"]["application/json"]["schema"]


def answer_of(made: Any) -> Any:
    """The schema of what an operation answers when all is well."""
    return made["responses"]["200"]["content"]["application/json"]["schema"]


def parameters_of(made: Any, where: str) -> dict[str, Any]:
    """Name → parameter, of those in the path or the query."""
    return {p["name"]: p for p in made.get("parameters", ()) if p["in"] == where}
