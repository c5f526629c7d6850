"""A contract against a schema: what both must agree on before any call is made."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message

from wireproof.contracts.cel import Cel, Uncompilable
from wireproof.contracts.cel_names import Names, names, rewritten
from wireproof.contracts.contract import (
    PLACEHOLDER,
    Contract,
    ContractStep,
    Expectation,
    Interaction,
)
from wireproof.contracts.kinds import Kind
from wireproof.contracts.parts import closest
from wireproof.contracts.protojson import check, descriptor_of
from wireproof.contracts.status import STATUS
from wireproof.errors import MalformedFile
from wireproof.exchange.exchange import Method, StepKind, Style, method_of
from wireproof.finding import Breach, Location
from wireproof.schema.cel_syntax import NotCel
from wireproof.schema.schema import Schema


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One thing that the contract says and the schema does not know, or knows otherwise."""

    kind: Kind
    breach: Breach
    location: Location
    words: str


@dataclass(frozen=True)
class Terms:
    """A contract and the schema that its words are read in."""

    contract: Contract
    schema: Schema
    cel: Cel = field(repr=False)

    def method(self, interaction: Interaction) -> Method | None:
        """The method that *interaction* calls, where the schema has it."""
        wanted = full_name(self.contract, interaction)
        known = (m for m in self.schema.methods() if m.full_name == wanted)
        return next((method_of(descriptor) for descriptor in known), None)

    def disagreements(self, interaction: Interaction) -> Iterator[Disagreement]:
        """Where contract and schema disagree.

        Raises MalformedFile for an expression that no schema could make right.
        """
        method = self.method(interaction)
        if method is None:
            yield self._no_method(interaction)
            return
        yield from _of_style(interaction, method)
        for step in interaction.steps:
            yield from self._of_body(step, method)
            for expectation in step.expect:
                yield from self._of_expectation(expectation, self.type_of(step, method))

    def type_of(self, step: ContractStep, method: Method) -> Descriptor:
        """What `this` is in the expectations of *step*."""
        if step.kind is StepKind.STATUS:
            return self.cel.status
        return descriptor_of(method.reply)

    def failure(self, expectation: Expectation, message: Message) -> str:
        """Why *expectation* does not hold of *message*; nothing where it holds.

        Raises MalformedFile where what filled its `${…}` makes it no CEL.
        """
        text = expectation.expression
        known = self._names(expectation, text, descriptor_of(message))
        try:
            return self.cel.failure(rewritten(text, known), message)
        except Uncompilable as error:
            raise not_cel(expectation, str(error)) from error

    def _no_method(self, interaction: Interaction) -> Disagreement:
        wanted = full_name(self.contract, interaction)
        service, _, name = wanted.rpartition(".")
        of_service = [
            m.name for m in self.schema.methods() if m.containing_service.full_name == service
        ]
        services = tuple(one.full_name for one in self.schema.services)
        if of_service:
            found = "no such method"
            words = f"{service} has no method {name!r}{closest(name, tuple(of_service))}"
        else:
            found = "no such service"
            words = f"there is no service {service!r}{closest(service, services)}"
        breach = Breach(wanted, "a method", found)
        return Disagreement(Kind.CONTRACT_METHOD_GONE, breach, interaction.location, words)

    def _of_body(self, step: ContractStep, method: Method) -> Iterator[Disagreement]:
        if step.body is None or step.kind not in (StepKind.SEND, StepKind.RECEIVE):
            return
        message = method.request if step.kind is StepKind.SEND else method.reply
        for misfit in check(step.body, descriptor_of(message)):
            kind = Kind.CONTRACT_FIELD_GONE if misfit.unknown else Kind.CONTRACT_FIELD_TYPE_DIFFERS
            line, column = misfit.node.named_at
            location = Location(self.contract.path, line, column)
            breach = Breach(misfit.subject, misfit.promised, misfit.found)
            yield Disagreement(kind, breach, location, misfit.words)

    def _of_expectation(self, expectation: Expectation, this: Descriptor) -> Iterator[Disagreement]:
        # What fills a placeholder is known when the call is made; a digit is a value of any kind.
        text = PLACEHOLDER.sub("0", expectation.text)
        known = self._names(expectation, text, this)
        for stranger in known.strangers:
            if "." not in stranger.subject or stranger.subject.startswith(STATUS):
                raise not_cel(expectation, stranger.words)  # no provider took it away
            breach = Breach(stranger.subject, "a field", "no such field")
            yield Disagreement(
                Kind.CONTRACT_FIELD_GONE, breach, expectation.location, stranger.words
            )
        if not known.strangers:
            try:
                self.cel.compile(rewritten(text, known), this)
            except Uncompilable as error:
                raise not_cel(expectation, str(error)) from error

    def _names(self, expectation: Expectation, text: str, this: Descriptor) -> Names:
        try:
            return names(text, this)
        except NotCel as error:
            raise not_cel(expectation, str(error)) from error


def terms_of(contract: Contract, schema: Schema) -> Terms:
    """*contract* read in the words of *schema*."""
    return Terms(contract, schema, Cel(schema))


def full_name(contract: Contract, interaction: Interaction) -> str:
    """The method of *interaction* as protobuf names it."""
    name = interaction.method.lstrip("/").replace("/", ".")
    return name if "." in name else f"{contract.provider}.{name}"


def not_cel(expectation: Expectation, reason: str) -> MalformedFile:
    """The refusal of an expression that nothing could make right."""
    at = expectation.location
    words = f"the expectation {expectation.text!r} is no CEL: {reason}"
    return MalformedFile(at.file, at.line, words, at.column)


def _of_style(interaction: Interaction, method: Method) -> Iterator[Disagreement]:
    """Steps that no call of this style can take."""
    sends = sum(step.kind is StepKind.SEND for step in interaction.steps)
    receives = sum(step.kind is StepKind.RECEIVE for step in interaction.steps)
    style = method.style
    if not style.client_streams and sends != 1:
        yield _style(interaction, method, f"sends {sends} messages", "takes exactly one")
    if not style.server_streams and receives > 1:
        yield _style(interaction, method, f"receives {receives} messages", "answers exactly one")


def _style(interaction: Interaction, method: Method, does: str, takes: str) -> Disagreement:
    words = f"the interaction {does}, and {method.name} ({method.style}) {takes}"
    promised = Style.CLIENT_STREAMING if "sends" in does else Style.SERVER_STREAMING
    breach = Breach(method.full_name, str(promised), str(method.style))
    return Disagreement(Kind.CONTRACT_STYLE_DIFFERS, breach, interaction.location, words)
