"""Read a contract file. What needs no schema is judged here; the rest in `bind`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import NoReturn

import grpc

from wireproof.contracts.contract import Contract, ContractStep, Expectation, Interaction, State
from wireproof.contracts.located import Node, read_located
from wireproof.errors import MalformedFile
from wireproof.exchange.exchange import StepKind
from wireproof.finding import Location

CODES = tuple(code.name for code in grpc.StatusCode)

_CONTRACT = ("consumer", "provider", "schema", "interactions")
_SHORT = ("request", "reply", "expect", "status")
_INTERACTION = ("name", "given", "method", "metadata", "deadline", "exactly", "steps", *_SHORT)
_GIVEN = ("state", "with")
# What may stand beside the one key that names a step.
_BESIDE: Mapping[StepKind, tuple[str, ...]] = {
    StepKind.SEND: (),
    StepKind.RECEIVE: ("expect", "exactly"),
    StepKind.HALF_CLOSE: (),
    StepKind.CANCEL: (),
    StepKind.STATUS: ("expect", "exactly"),
}
_SECONDS = re.compile(r"([0-9]+(?:\.[0-9]+)?)s")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def read_contract(path: Path) -> Contract:
    """The contract that stands in *path*.

    Raises MalformedFile, with line and column, for whatever a contract cannot say.
    """
    return _Reader(str(path)).contract(read_located(path))


class _Reader:
    """One file being read; a class because every part needs its path to complain."""

    def __init__(self, path: str) -> None:
        self.path = path

    def contract(self, root: Node) -> Contract:
        parts = self.parts(root, "a contract", _CONTRACT, needs=("consumer", "provider"))
        interactions = tuple(
            self.interaction(node) for node in self.items(parts.get("interactions"), "interactions")
        )
        if not interactions:
            self.refuse(root, "a contract needs at least one of interactions")
        self.names_differ(interactions)
        return Contract(
            consumer=self.text(parts["consumer"], "consumer"),
            provider=self.text(parts["provider"], "provider"),
            interactions=interactions,
            path=self.path,
            schema=self.digest(parts.get("schema")),
            location=self.place(root),
        )

    def interaction(self, node: Node) -> Interaction:
        parts = self.parts(node, "an interaction", _INTERACTION, needs=("name", "method"))
        exactly = self.flag(parts.get("exactly"), "exactly")
        return Interaction(
            name=self.text(parts["name"], "name"),
            method=self.text(parts["method"], "method"),
            steps=self.steps(node, parts, exactly),
            location=self.place(node),
            given=tuple(self.state(item) for item in self.items(parts.get("given"), "given")),
            metadata=self.metadata(parts.get("metadata")),
            deadline=self.seconds(parts.get("deadline")),
        )

    def steps(
        self, node: Node, parts: Mapping[str, Node], exactly: bool
    ) -> tuple[ContractStep, ...]:
        short = [key for key in _SHORT if key in parts]
        if "steps" not in parts:
            if "request" not in parts:
                self.refuse(node, "an interaction needs steps, or a request with its reply")
            return self.short_steps(parts, exactly)
        if short:
            reason = f"{short[0]} cannot stand beside steps: say it in a step"
            self.refuse(parts[short[0]], reason)
        steps = tuple(self.step(item, exactly) for item in self.items(parts["steps"], "steps"))
        if not steps:
            self.refuse(parts["steps"], "steps needs at least one step")
        self.in_order(steps)
        return steps

    def short_steps(self, parts: Mapping[str, Node], exactly: bool) -> tuple[ContractStep, ...]:
        """`request`, `reply`, `expect`, `status`: a unary call in short, the same steps."""
        place = self.place(parts["request"])
        steps = [ContractStep(StepKind.SEND, place, self.message(parts["request"], "request"))]
        expect = self.expectations(parts.get("expect"))
        if "reply" in parts or (expect and "status" not in parts):
            body = self.message(parts["reply"], "reply") if "reply" in parts else None
            at = self.place(parts.get("reply") or parts["expect"])
            steps.append(ContractStep(StepKind.RECEIVE, at, body, expect=expect, exactly=exactly))
            expect = ()
        if "status" in parts:
            steps.append(self.status(parts["status"], expect, exactly=exactly))
        return tuple(steps)

    def step(self, node: Node, exactly: bool) -> ContractStep:
        pairs = node.value if isinstance(node.value, dict) else {}
        kinds = [kind for kind in StepKind if kind in pairs]
        if len(kinds) != 1:
            every = tuple(str(kind) for kind in StepKind)
            strange = next((key for key in pairs if key not in (*every, "expect", "exactly")), "")
            hint = self.closest(strange, every)
            self.refuse(node, f"a step is one of {', '.join(every)}{hint}")
        kind = kinds[0]
        parts = self.parts(node, f"a {kind} step", (str(kind), *_BESIDE[kind]))
        exactly = self.flag(parts.get("exactly"), "exactly", default=exactly)
        expect = self.expectations(parts.get("expect"))
        if kind is StepKind.STATUS:
            return self.status(parts[kind], expect, exactly=exactly)
        body = self.message(parts[kind], str(kind))
        if kind in (StepKind.HALF_CLOSE, StepKind.CANCEL) and body.value:
            self.refuse(parts[kind], f"{kind} takes nothing: write {kind}: {{}}")
        return ContractStep(kind, self.place(node), body, expect=expect, exactly=exactly)

    def status(
        self, node: Node, expect: tuple[Expectation, ...], *, exactly: bool
    ) -> ContractStep:
        code = self.text(node, "status")
        if code not in CODES:
            hint = self.closest(code.upper(), CODES)
            self.refuse(node, f"no status code {code!r}{hint} (known: {', '.join(CODES)})")
        return ContractStep(
            StepKind.STATUS, self.place(node), code=code, expect=expect, exactly=exactly
        )

    def in_order(self, steps: tuple[ContractStep, ...]) -> None:
        """Raise where a step follows one after which it cannot happen."""
        done: set[StepKind] = set()
        for step in steps:
            impossible = _AFTER[step.kind] & done
            if impossible:
                reason = f"{step.kind} cannot come after {sorted(impossible)[0]}"
                raise MalformedFile(self.path, step.location.line, reason, step.location.column)
            done.add(step.kind)

    def names_differ(self, interactions: tuple[Interaction, ...]) -> None:
        first: dict[str, int | None] = {}
        for interaction in interactions:
            line, column = interaction.location.line, interaction.location.column
            if interaction.name in first:
                reason = (
                    f"two interactions are named {interaction.name!r}"
                    f" (the first on line {first[interaction.name]})"
                )
                raise MalformedFile(self.path, line, reason, column)
            first[interaction.name] = line

    def state(self, node: Node) -> State:
        if isinstance(node.value, str):
            return State(node.value, None, self.place(node))
        parts = self.parts(node, "a state", _GIVEN, needs=("state",))
        params = parts.get("with")
        if params is not None and not isinstance(params.value, dict):
            self.refuse(params, "with must map names to values")
        return State(self.text(parts["state"], "state"), params, self.place(node))

    def metadata(self, node: Node | None) -> tuple[tuple[str, Node], ...]:
        if node is None:
            return ()
        pairs = self.mapping(node, "metadata")
        for key, value in pairs.items():
            for one in value.value if isinstance(value.value, list) else [value]:
                self.text(one, f"metadata {key}")
        return tuple(
            (key.lower(), one)
            for key, value in pairs.items()
            for one in (value.value if isinstance(value.value, list) else [value])
        )

    def expectations(self, node: Node | None) -> tuple[Expectation, ...]:
        if node is not None and isinstance(node.value, str):
            return (Expectation(node.value, node.value, self.place(node)),)
        texts = [(self.text(item, "expect"), item) for item in self.items(node, "expect")]
        return tuple(Expectation(text, text, self.place(item)) for text, item in texts)

    def digest(self, node: Node | None) -> str:
        digest = self.text(node, "schema") if node else ""
        if node and not _DIGEST.fullmatch(digest):
            self.refuse(node, f"schema {digest!r} must be sha256: and 64 hex digits")
        return digest

    def seconds(self, node: Node | None) -> float:
        if node is None:
            return 10.0
        match = _SECONDS.fullmatch(str(node.value))
        if not match or not float(match[1]):
            self.refuse(node, f"deadline {node.value!r} must be seconds such as 5s or 0.5s")
        return float(match[1])

    # What a part must be.

    def parts(
        self, node: Node, what: str, known: tuple[str, ...], needs: tuple[str, ...] = ()
    ) -> dict[str, Node]:
        pairs = self.mapping(node, what)
        for key, value in pairs.items():
            if key not in known:
                hint = self.closest(key, known)
                reason = f"{what} has no {key!r}{hint} (known: {', '.join(known)})"
                raise MalformedFile(self.path, value.named_at[0], reason, value.named_at[1])
        for key in needs:
            if key not in pairs:
                self.refuse(node, f"{what} needs {key}")
        return pairs

    def mapping(self, node: Node, what: str) -> dict[str, Node]:
        if not isinstance(node.value, dict):
            self.refuse(node, f"{what} must be a mapping, not {_kind(node)}")
        return node.value

    def message(self, node: Node, what: str) -> Node:
        """A message in ProtoJSON; some (Timestamp, Duration) are written as no mapping."""
        return Node({}, node.line, node.column, node.key) if node.value is None else node

    def items(self, node: Node | None, what: str) -> list[Node]:
        if node is None:
            return []
        if not isinstance(node.value, list):
            self.refuse(node, f"{what} must be a list, not {_kind(node)}")
        return node.value

    def text(self, node: Node, what: str) -> str:
        if not isinstance(node.value, str) or not node.value:
            self.refuse(node, f"{what} must be text, not {_kind(node)}: quote it")
        return node.value

    def flag(self, node: Node | None, what: str, *, default: bool = False) -> bool:
        if node is None:
            return default
        if not isinstance(node.value, bool):
            self.refuse(node, f"{what} must be true or false, not {_kind(node)}")
        return node.value

    def closest(self, name: str, known: tuple[str, ...]) -> str:
        close = get_close_matches(name, known, n=1)
        return f"; did you mean {close[0]}?" if close else ""

    def place(self, node: Node) -> Location:
        line, column = node.named_at
        return Location(self.path, line, column)

    def refuse(self, node: Node, reason: str) -> NoReturn:
        line, column = node.named_at
        raise MalformedFile(self.path, line, reason, column)
