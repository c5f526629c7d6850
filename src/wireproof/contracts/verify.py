"""Verify consumer contracts against a running provider."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from wireproof.contracts.compare import method_breaches, request_breaches
from wireproof.contracts.contract import Contract, Interaction, metadata_fault
from wireproof.contracts.kinds import finding
from wireproof.contracts.match import match
from wireproof.contracts.play import play
from wireproof.contracts.protojson import build, check, descriptor_of
from wireproof.contracts.states import Client, StateFailed, States, check_states, enter
from wireproof.contracts.terms import Disagreement, Terms, terms_of
from wireproof.errors import MalformedFile
from wireproof.exchange.channel import Metadata, Target
from wireproof.exchange.door import Door
from wireproof.exchange.exchange import Method, StepKind, method_of
from wireproof.finding import Finding
from wireproof.schema.schema import Schema


class Outcome(StrEnum):
    """How an interaction came out."""

    PASSED = "passed"
    FAILED = "failed"
    COULD_NOT_RUN = "could-not-run"


@dataclass(frozen=True, slots=True)
class InteractionResult:
    """One interaction, verified."""

    name: str
    style: str
    """The style of the method, or nothing where the provider has no such method."""
    outcome: Outcome
    findings: tuple[Finding, ...] = ()
    reason: str = ""
    """Why it could not run."""


@dataclass(frozen=True, slots=True)
class ContractResult:
    """One contract, verified."""

    consumer: str
    provider: str
    path: str
    schema: str
    """Where the schema that it was read in came from."""
    own_schema: bool
    """Whether that is the one that its consumer was built with."""
    interactions: tuple[InteractionResult, ...]


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What became of every contract."""

    target: str
    contracts: tuple[ContractResult, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        return tuple(f for one in self._interactions() for f in one.findings)

    @property
    def could_not_run(self) -> tuple[InteractionResult, ...]:
        return tuple(i for i in self._interactions() if i.outcome is Outcome.COULD_NOT_RUN)

    def _interactions(self) -> Iterator[InteractionResult]:
        return (one for contract in self.contracts for one in contract.interactions)


def verify(
    contracts: Iterable[Contract],
    target: Target,
    schema: Schema,
    states: States | None = None,
    *,
    known: Iterable[Schema] = (),
) -> VerifyReport:
    """Play every interaction of *contracts* at the provider behind *target*.

    *schema* is the provider's. A contract that names the digest of a schema, *schema* or one of
    *known*, is read and played in the words of that one: requests are encoded and replies decoded
    as its consumer does. Any other is read in the provider's words.

    Raises MalformedFile for a contract that makes no sense (before any call), UnreachableTarget
    where there is no server. Call it where no event loop runs.
    """
    contracts, states = tuple(contracts), states or {}
    check_states(contracts, states)
    by_digest = {one.digest: one for one in (*known, schema)}
    readings = [_read(contract, schema, by_digest) for contract in contracts]
    with Door(replace(target, metadata=())) as door:
        run = _Run(door, schema, states, target.metadata)
        return VerifyReport(target.address, tuple(run.contract(reading) for reading in readings))


@dataclass(frozen=True, slots=True)
class _Reading:
    """A contract in the words of a schema, and by interaction where the two disagree."""

    terms: Terms
    disagreements: dict[str, tuple[Disagreement, ...]]


def _read(contract: Contract, provider: Schema, by_digest: dict[str, Schema]) -> _Reading:
    """*contract* read. Where its own schema is known, nothing but the contract can be wrong."""
    terms = terms_of(contract, by_digest.get(contract.schema, provider))
    found = {one.name: tuple(terms.disagreements(one)) for one in contract.interactions}
    first = next((d for several in found.values() for d in several), None)
    if first is not None and contract.schema in by_digest:
        raise MalformedFile(
            first.location.file, first.location.line, first.words, first.location.column
        )
    return _Reading(terms, found)


class _Run:
    """One run at one provider; a class because every interaction needs the same four things."""

    def __init__(self, door: Door, schema: Schema, states: States, headers: Metadata) -> None:
        self.door = door
        self.schema = schema
        self.states = states
        self.headers = headers
        self.methods = {method.full_name: method for method in schema.methods()}

    def contract(self, reading: _Reading) -> ContractResult:
        contract = reading.terms.contract
        results = tuple(
            self.interaction(reading.terms, one, reading.disagreements[one.name])
            for one in contract.interactions
        )
        schema = reading.terms.schema
        return ContractResult(
            consumer=contract.consumer,
            provider=contract.provider,
            path=contract.path,
            schema=schema.source,
            own_schema=schema.digest == contract.schema,
            interactions=results,
        )

    def interaction(
        self, terms: Terms, interaction: Interaction, disagreements: tuple[Disagreement, ...]
    ) -> InteractionResult:
        method = terms.method(interaction)
        if method is None or disagreements:
            found = tuple(_told(terms, interaction, one) for one in disagreements)
            style = str(method.style) if method else ""
            return InteractionResult(interaction.name, style, Outcome.FAILED, found)
        try:
            found = tuple(self.findings(terms, interaction, method))
        except StateFailed as failure:
            outcome, reason = Outcome.COULD_NOT_RUN, str(failure)
            return InteractionResult(interaction.name, str(method.style), outcome, (), reason)
        outcome = Outcome.FAILED if found else Outcome.PASSED
        return InteractionResult(interaction.name, str(method.style), outcome, found)

    def findings(self, terms: Terms, interaction: Interaction, method: Method) -> Iterator[Finding]:
        descriptor = self.methods.get(method.full_name)
        provider = method_of(descriptor) if descriptor else None
        for kind, breach in method_breaches(method, provider):
            yield finding(kind, breach, terms.contract, interaction, interaction.location)
        if provider is None or provider.style is not method.style:
            return  # nothing that such a call answers would tell more
        filled = self.filled(terms, interaction, method)
        for step in filled.steps:
            if step.kind is StepKind.SEND and step.body is not None:
                sent = build(step.body, descriptor_of(method.request))
                for kind, breach in request_breaches(sent, provider):
                    yield finding(kind, breach, terms.contract, interaction, step.location)
        exchange = self.door.run(play(self.door.channel, terms, filled, self.headers))
        yield from match(terms, filled, exchange)

    def filled(self, terms: Terms, interaction: Interaction, method: Method) -> Interaction:
        """*interaction*, its states entered and its `${…}` filled in."""
        client = Client(self.door, self.schema, terms.contract.provider, self.headers)
        values: dict[str, Any] = {"unique": client.unique()}
        for given in interaction.given:
            _all_known(interaction, given.placeholders(), values)
            params = given.filled(values)
            values |= {name: value for name, value in params.items() if _is_scalar(value)}
            values |= enter(given.name, self.states[given.name], client, params)
        _all_known(interaction, interaction.placeholders(), values)
        filled = interaction.filled(values)
        _fits(filled, method)
        return filled


def _told(terms: Terms, interaction: Interaction, one: Disagreement) -> Finding:
    contract = terms.contract
    return finding(one.kind, one.breach, contract, interaction, one.location, one.words)


def _is_scalar(value: Any) -> bool:
    return isinstance(value, str | int | float | bool)


def _all_known(interaction: Interaction, names: set[str], values: dict[str, Any]) -> None:
    """Raise MalformedFile where nothing gives a `${…}`."""
    for name in sorted(names - set(values)):
        at = interaction.location
        known = ", ".join(f"${{{one}}}" for one in values)
        reason = f"nothing gives ${{{name}}} in {interaction.name!r} (known: {known})"
        raise MalformedFile(at.file, at.line, reason, at.column)


def _fits(interaction: Interaction, method: Method) -> None:
    """Raise MalformedFile where what filled a `${…}` cannot stand there."""
    path = interaction.location.file
    for key, value in interaction.metadata:
        if fault := metadata_fault(key, str(value.value)):
            raise MalformedFile(path, value.line, fault, value.column)
    for step in interaction.steps:
        message = method.request if step.kind is StepKind.SEND else method.reply
        for misfit in check(step.body, descriptor_of(message)) if step.body else ():
            line, column = misfit.node.named_at
            raise MalformedFile(path, line, misfit.words, column)
