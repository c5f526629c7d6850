"""A contract: what one consumer sends and needs, as it stands in its file."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from wireproof.contracts.located import Node
from wireproof.exchange.exchange import StepKind
from wireproof.finding import Location

PLACEHOLDER = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


_KEY = re.compile(r"[0-9a-z_.-]+")


@dataclass(frozen=True, slots=True)
class State:
    """A state that the provider must be in, and what it takes."""

    name: str
    params: Node | None
    location: Location

    def filled(self, values: dict[str, Any]) -> dict[str, Any]:
        """Its parameters with *values* in the place of their `${…}`.

        Raises KeyError for one unknown.
        """
        return dict(_fill(self.params, values).plain()) if self.params else {}

    def placeholders(self) -> set[str]:
        """The names that its `${…}` ask for."""
        return _asked_for([self.params] if self.params else [])


@dataclass(frozen=True, slots=True)
class Expectation:
    """A CEL expression over a message, `this`; *text* is as the consumer wrote it."""

    text: str
    expression: str
    """The text with `${…}` filled in."""
    location: Location


@dataclass(frozen=True, slots=True)
class ContractStep:
    """One thing that the consumer does or needs.

    A `send` carries its message, a `receive` an example of what it needs, a `status` its code.
    """

    kind: StepKind
    location: Location
    body: Node | None = None
    """The message sent, or the example of one received, in ProtoJSON."""
    code: str = ""
    """The name of a status code."""
    expect: tuple[Expectation, ...] = ()
    exactly: bool = False
    """No other message may come before it."""


@dataclass(frozen=True, slots=True)
class Interaction:
    """One call that the consumer makes; independent of every other."""

    name: str
    method: str
    """Its short name, or as protobuf names it: `api.user.v1.UserService.GetUser`."""
    steps: tuple[ContractStep, ...]
    location: Location
    given: tuple[State, ...] = ()
    metadata: tuple[tuple[str, Node], ...] = ()
    deadline: float = 10.0
    """Seconds."""

    def filled(self, values: dict[str, Any]) -> Interaction:
        """A copy with *values* in the place of its `${…}`. Raises KeyError for one unknown."""
        steps = tuple(_filled(step, values) for step in self.steps)
        metadata = tuple((key, _fill(node, values)) for key, node in self.metadata)
        return replace(self, steps=steps, metadata=metadata)

    def placeholders(self) -> set[str]:
        """The names that its `${…}` ask for."""
        nodes = [step.body for step in self.steps if step.body] + [n for _, n in self.metadata]
        texts = [expectation.text for step in self.steps for expectation in step.expect]
        return _asked_for(nodes) | {name for text in texts for name in PLACEHOLDER.findall(text)}


@dataclass(frozen=True, slots=True)
class Contract:
    """What one consumer needs from one provider."""

    consumer: str
    provider: str
    """The full name of a service."""
    interactions: tuple[Interaction, ...]
    path: str
    schema: str = ""
    """The digest of the schema that the consumer was built with, or nothing."""
    location: Location = field(default_factory=lambda: Location(""))


def metadata_fault(key: str, text: str) -> str:
    """Why gRPC cannot send this pair; nothing where it can."""
    if not _KEY.fullmatch(key) or key.startswith("grpc-"):
        return f"{key!r} is no metadata key: lower-case letters, digits and -_. (grpc- is reserved)"
    if key.endswith("-bin"):
        try:
            base64.b64decode(text, validate=True)
        except ValueError:
            return f"{text!r} is no base64, as a key that ends in -bin needs it"
    elif not text.isascii() or not text.isprintable():
        return f"{text!r} is no printable ASCII: use a key that ends in -bin"
    return ""


def _filled(step: ContractStep, values: dict[str, Any]) -> ContractStep:
    body = _fill(step.body, values) if step.body else None
    expect = tuple(
        replace(e, expression=PLACEHOLDER.sub(lambda m: _in_cel(values[m[1]]), e.text))
        for e in step.expect
    )
    return replace(step, body=body, expect=expect)


def _asked_for(nodes: Iterable[Node]) -> set[str]:
    texts = (str(string.value) for node in nodes for string in node.strings())
    return {name for text in texts for name in PLACEHOLDER.findall(text)}


def _fill(node: Node, values: dict[str, Any]) -> Node:
    return node.with_strings(lambda string: _value(str(string.value), values))


def _value(text: str, values: dict[str, Any]) -> Any:
    """A string that is nothing but a `${…}` takes the value with its type."""
    if whole := PLACEHOLDER.fullmatch(text):
        return values[whole[1]]
    return PLACEHOLDER.sub(lambda match: str(values[match[1]]), text)


def _in_cel(value: Any) -> str:
    r"""As it reads between the quotes of a CEL string: `it's` becomes `it\'s`."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return re.sub(r"([\\'\"])", r"\\\1", text).replace("\n", "\\n").replace("\r", "\\r")
