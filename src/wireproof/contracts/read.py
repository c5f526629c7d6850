"""Read a contract file. What needs no schema is judged here, the rest in `bind`.

    consumer: web-console                     # who needs it
    provider: api.user.v1.UserService         # a service
    schema: sha256:…                          # optional: what the consumer was built with
    interactions:
      - name: shows a user                    # unique in the file
        given: [{state: …, with: {…}}]        # provider states, a bare name where nothing is needed
        method: GetUser
        metadata: {key: text or list of texts}
        deadline: 10s
        exactly: false                        # true: no message but those that are named
        steps:
          - send: {…}                         # ProtoJSON
          - receive: {…}                      # an example
            expect: ["CEL over this"]
            exactly: false                    # true: no message before this one
          - half-close: {}
          - cancel: {}
          - status: NOT_FOUND
            expect: ["CEL over this: message and details"]

A call with one request may be written `request`, `reply`, `expect`, `status` in the place of steps.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import grpc

from wireproof.contracts.contract import (
    PLACEHOLDER,
    Contract,
    ContractStep,
    Expectation,
    Interaction,
    State,
    metadata_fault,
)
from wireproof.contracts.located import Node, read_located
from wireproof.contracts.parts import Parts, closest
from wireproof.exchange.exchange import StepKind

CODES = tuple(code.name for code in grpc.StatusCode)

_CONTRACT = ("consumer", "provider", "schema", "interactions")
_SHORT = ("request", "reply", "expect", "status")
_INTERACTION = ("name", "given", "method", "metadata", "deadline", "exactly", "steps", *_SHORT)
_STEPS = tuple(str(kind) for kind in StepKind)
_READ = ("expect", "exactly")
# What may stand beside the one key that names a step.
_BESIDE: Mapping[StepKind, tuple[str, ...]] = {
    StepKind.SEND: (),
    StepKind.RECEIVE: _READ,
    StepKind.HALF_CLOSE: (),
    StepKind.CANCEL: (),
    StepKind.STATUS: _READ,
}
_OVER = {StepKind.CANCEL, StepKind.STATUS}
# After which steps a step cannot happen.
_NOT_AFTER: Mapping[StepKind, set[StepKind]] = {
    StepKind.SEND: {StepKind.HALF_CLOSE, *_OVER},
    StepKind.RECEIVE: _OVER,
    StepKind.HALF_CLOSE: {StepKind.HALF_CLOSE, *_OVER},
    StepKind.CANCEL: _OVER,
    StepKind.STATUS: {StepKind.STATUS},
}
_SECONDS = re.compile(r"([0-9]+(?:\.[0-9]+)?)s")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def read_contract(path: Path, *, name: str = "") -> Contract:
    """The contract that stands in *path*; findings and errors call the file *name*, if given.

    Raises MalformedFile, with line and column, for whatever a contract cannot say.
    """
    name = name or str(path)
    return _contract(Parts(name), read_located(path, name=name))


def _contract(p: Parts, root: Node) -> Contract:
    parts = p.mapping(root, "a contract", _CONTRACT, needs=("consumer", "provider", "interactions"))
    interactions = tuple(
        _interaction(p, node) for node in p.items(parts["interactions"], "interactions")
    )
    if not interactions:
        p.refuse(parts["interactions"], "a contract needs at least one interaction")
    _names_differ(p, interactions)
    return Contract(
        consumer=p.text(parts["consumer"], "consumer"),
        provider=p.text(parts["provider"], "provider"),
        interactions=interactions,
        path=p.path,
        schema=_digest(p, parts.get("schema")),
        location=p.place(root),
    )


def _names_differ(p: Parts, interactions: tuple[Interaction, ...]) -> None:
    first: dict[str, int | None] = {}
    for one in interactions:
        if one.name in first:
            where = f"(the first stands on line {first[one.name]})"
            p.refuse(one.location, f"two interactions are named {one.name!r} {where}")
        first[one.name] = one.location.line


def _interaction(p: Parts, node: Node) -> Interaction:
    parts = p.mapping(node, "an interaction", _INTERACTION, needs=("name", "method"))
    return Interaction(
        name=p.text(parts["name"], "name"),
        method=p.text(parts["method"], "method"),
        steps=_steps(p, node, parts),
        location=p.place(node),
        given=tuple(_state(p, item) for item in p.items(parts.get("given"), "given")),
        metadata=_metadata(p, parts.get("metadata")),
        deadline=_seconds(p, parts.get("deadline")),
    )


def _steps(p: Parts, node: Node, parts: Mapping[str, Node]) -> tuple[ContractStep, ...]:
    exactly = p.flag(parts.get("exactly"), "exactly")
    if "steps" not in parts:
        if "request" not in parts:
            p.refuse(node, "an interaction needs steps, or a request and what comes of it")
        return tuple(_short_steps(p, parts, exactly))
    for key in _SHORT:
        if key in parts:
            p.refuse(parts[key], f"{key} cannot stand beside steps: say it in one of them")
    steps = tuple(_step(p, item, exactly) for item in p.items(parts["steps"], "steps"))
    if not steps:
        p.refuse(parts["steps"], "steps needs at least one step")
    _in_order(p, steps)
    return steps


def _short_steps(p: Parts, parts: Mapping[str, Node], exactly: bool) -> list[ContractStep]:
    """The same steps as a unary call would take when written out."""
    request = parts["request"]
    steps = [ContractStep(StepKind.SEND, p.place(request), _message(request))]
    expect = _expectations(p, parts.get("expect"))
    reply = parts.get("reply") or (parts.get("expect") if "status" not in parts else None)
    if reply is not None:
        body = _message(reply) if "reply" in parts else None
        place = p.place(reply)
        steps.append(ContractStep(StepKind.RECEIVE, place, body, expect=expect, exactly=exactly))
    if "status" in parts:
        steps.append(_status(p, parts["status"], () if reply else expect, exactly))
    return steps


def _step(p: Parts, node: Node, exactly: bool) -> ContractStep:
    pairs = p.mapping(node, "a step")
    kinds = [kind for kind in StepKind if kind in pairs]
    if len(kinds) != 1:
        strange = next((key for key in pairs if key not in (*_STEPS, *_READ)), "")
        hint = closest(strange, _STEPS)
        p.refuse(node, f"a step is one of {', '.join(_STEPS)}{hint}")
    kind = kinds[0]
    parts = p.mapping(node, f"a {kind} step", (str(kind), *_BESIDE[kind]))
    exactly = p.flag(parts.get("exactly"), "exactly", default=exactly)
    expect = _expectations(p, parts.get("expect"))
    if kind is StepKind.STATUS:
        return _status(p, parts[kind], expect, exactly)
    body = _message(parts[kind])
    if kind in (StepKind.HALF_CLOSE, StepKind.CANCEL) and body.value != {}:
        p.refuse(parts[kind], f"{kind} takes nothing: write {kind}: {{}}")
    return ContractStep(kind, p.place(node), body, expect=expect, exactly=exactly)


def _status(p: Parts, node: Node, expect: tuple[Expectation, ...], exactly: bool) -> ContractStep:
    code = p.text(node, "status")
    if code not in CODES:
        p.refuse(node, f"no status code {code!r}{closest(code.upper(), CODES)}")
    return ContractStep(StepKind.STATUS, p.place(node), code=code, expect=expect, exactly=exactly)


def _in_order(p: Parts, steps: tuple[ContractStep, ...]) -> None:
    done: list[StepKind] = []
    for step in steps:
        for earlier in done:
            if earlier in _NOT_AFTER[step.kind]:
                p.refuse(step.location, f"{step.kind} cannot come after {earlier}")
        done.append(step.kind)


def _state(p: Parts, node: Node) -> State:
    if isinstance(node.value, str):
        return State(p.text(node, "a state"), None, p.place(node))
    parts = p.mapping(node, "a state", ("state", "with"), needs=("state",))
    params = parts.get("with")
    if params is not None:
        for name, value in p.mapping(params, "with").items():
            if not name.isidentifier():
                p.refuse(value, f"with has {name!r}, which cannot name a parameter")
    return State(p.text(parts["state"], "state"), params, p.place(node))


def _metadata(p: Parts, node: Node | None) -> tuple[tuple[str, Node], ...]:
    pairs = p.mapping(node, "metadata") if node else {}
    rows = [
        (key.lower(), one)
        for key, value in pairs.items()
        for one in (value.value if isinstance(value.value, list) else [value])
    ]
    for key, value in rows:
        text = p.text(value, f"metadata {key}")
        if not PLACEHOLDER.search(text) and (fault := metadata_fault(key, text)):
            p.refuse(value, fault)
    return tuple(rows)


def _expectations(p: Parts, node: Node | None) -> tuple[Expectation, ...]:
    """A list of CEL expressions, or one."""
    items = [node] if node and isinstance(node.value, str) else p.items(node, "expect")
    texts = [(p.text(item, "expect"), p.place(item)) for item in items]
    return tuple(Expectation(text, text, place) for text, place in texts)


def _digest(p: Parts, node: Node | None) -> str:
    digest = p.text(node, "schema") if node else ""
    if node and not _DIGEST.fullmatch(digest):
        p.refuse(node, f"schema {digest!r} must be sha256: and 64 hex digits")
    return digest


def _seconds(p: Parts, node: Node | None) -> float:
    if node is None:
        return 10.0
    match = _SECONDS.fullmatch(str(node.value))
    if not match or not float(match[1]):
        p.refuse(node, f"deadline {node.plain()!r} must be seconds such as 5s or 0.5s")
    return float(match[1])


def _message(node: Node) -> Node:
    """A message in ProtoJSON; nothing at all is an empty one."""
    return Node({}, node.line, node.column, node.key) if node.value is None else node
