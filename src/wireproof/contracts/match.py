"""An exchange against what an interaction needs of it: a pure function, breach by breach."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import DecodeError, Message
from grpc import StatusCode

from wireproof.contracts.cel_names import names
from wireproof.contracts.contract import ContractStep, Interaction
from wireproof.contracts.kinds import Kind, finding
from wireproof.contracts.protojson import descriptor_of
from wireproof.contracts.shape import missing
from wireproof.contracts.shown import shown
from wireproof.contracts.status import STATUS, status_message
from wireproof.contracts.terms import Terms
from wireproof.exchange.exchange import Exchange, Method, StepKind
from wireproof.finding import Breach, Finding, Location


@dataclass(frozen=True, slots=True)
class Miss:
    """One thing that an exchange does not give."""

    kind: Kind
    breach: Breach
    location: Location
    note: str = ""


def match(terms: Terms, interaction: Interaction, exchange: Exchange) -> tuple[Finding, ...]:
    """What *interaction*, its `${…}` filled in, needs and *exchange* does not give."""
    found = (
        finding(m.kind, m.breach, terms.contract, interaction, m.location, m.note)
        for m in _misses(terms, interaction, exchange)
    )
    call = shown(exchange)
    return tuple(replace(one, exchange=call) for one in found)


def satisfies(terms: Terms, step: ContractStep, method: Method, payload: bytes) -> bool:
    """Whether a message is what a `receive` step waits for."""
    return not _message_misses(terms, step, method, payload)


def _misses(terms: Terms, interaction: Interaction, exchange: Exchange) -> Iterator[Miss]:
    wrong_status = list(_status_misses(terms, interaction, exchange))
    cursor = 0
    for step in interaction.steps:
        if step.kind is not StepKind.RECEIVE:
            continue
        place, misses = _find(terms, step, exchange, cursor)
        if place is None:
            yield from _unmet(exchange, misses, wrong_status, cursor)
            return
        if step.exactly and place > cursor:
            yield _unexpected(step, exchange, place - cursor)
        cursor = place + 1
    yield from _surplus(interaction, exchange, cursor)
    yield from wrong_status


def _unmet(
    exchange: Exchange, misses: list[Miss], wrong_status: list[Miss], cursor: int
) -> Iterator[Miss]:
    """What to tell where a message did not come; each cause once."""
    if exchange.code is StatusCode.DEADLINE_EXCEEDED and exchange.method.style.server_streams:
        wrong_status = []  # whoever waits in vain on a stream runs into the deadline
    if len(exchange.received) > cursor or not wrong_status:
        yield from misses
    yield from wrong_status


def _find(
    terms: Terms, step: ContractStep, exchange: Exchange, start: int
) -> tuple[int | None, list[Miss]]:
    """The place of the first message from *start* on that satisfies *step*, or what is amiss."""
    candidates: list[list[Miss]] = []
    for place, payload in enumerate(exchange.received[start:], start):
        misses = _message_misses(terms, step, exchange.method, payload)
        if not misses:
            return place, []
        candidates.append(misses)
    return None, _best(step, exchange, candidates)


def _best(step: ContractStep, exchange: Exchange, candidates: list[list[Miss]]) -> list[Miss]:
    """What to tell of a message that did not come: what the most similar one lacks, if any is."""
    if not exchange.method.style.server_streams or step.exactly:
        candidates = candidates[:1]
        if candidates:
            return candidates[0]
    alike = [misses for misses in candidates if not any(map(_other_kind, misses))]
    if alike:
        return min(alike, key=len)
    wanted = f"a message like {step.body}" if step.body and step.body.value else "a message"
    breach = Breach(exchange.method.full_name, wanted, _instead(exchange, len(candidates)))
    timed_out = exchange.code is StatusCode.DEADLINE_EXCEEDED  # its words come from gRPC core
    note = "" if timed_out else exchange.message
    return [Miss(Kind.CONTRACT_MESSAGE_MISSING, breach, step.location, note)]


def _other_kind(miss: Miss) -> bool:
    """Whether another member of a oneof is set: then it is another message altogether."""
    return miss.breach.found.endswith(" instead")


def _instead(exchange: Exchange, others: int) -> str:
    if exchange.code is StatusCode.DEADLINE_EXCEEDED:
        end = f"nothing more within {exchange.script.deadline:g} s"
    else:
        end = f"the end with {exchange.code.name}"
    return f"only other messages, then {end}" if others else end


def _message_misses(terms: Terms, step: ContractStep, method: Method, payload: bytes) -> list[Miss]:
    try:
        message = method.reply.FromString(payload)
    except DecodeError:
        breach = Breach(method.reply.DESCRIPTOR.full_name, "readable", "bytes that do not decode")
        return [Miss(Kind.CONTRACT_REPLY_UNREADABLE, breach, step.location)]
    misses = [
        Miss(Kind.CONTRACT_FIELD_MISSING, breach, step.location)
        for breach in (missing(step.body, message) if step.body else ())
    ]
    return misses + list(_expectation_misses(terms, step, message, method.full_name))


def _expectation_misses(
    terms: Terms, step: ContractStep, message: Message, subject: str
) -> Iterator[Miss]:
    this = descriptor_of(message)
    for expectation in step.expect:
        failure = terms.failure(expectation, message)
        if failure:
            about = _subject(expectation.expression, this) or subject
            breach = Breach(about, expectation.text, failure)
            filled = expectation.expression
            note = f"with values: {filled}" if filled != expectation.text else ""
            yield Miss(Kind.CONTRACT_EXPECTATION_FAILED, breach, expectation.location, note)


def _subject(expression: str, this: Descriptor) -> str:
    """The one field that *expression* is about; nothing where it is about several, or a status."""
    fields = [] if this.full_name == STATUS else names(expression, this).fields
    holders = {holder.full_name for field in fields if (holder := field.containing_type)}
    # Of `this.user.email` the outer field is only the way.
    ends = {
        field.full_name
        for field in fields
        if field.message_type is None or field.message_type.full_name not in holders
    }
    return ends.pop() if len(ends) == 1 else ""


def _status_misses(terms: Terms, interaction: Interaction, exchange: Exchange) -> Iterator[Miss]:
    step = next((s for s in interaction.steps if s.kind is StepKind.STATUS), None)
    wanted = step.code if step else _implied(interaction, exchange.method)
    if not wanted:
        return
    location = step.location if step else interaction.location
    subject = exchange.method.full_name
    if exchange.code.name != wanted:
        breach = Breach(subject, wanted, exchange.code.name)
        yield Miss(Kind.CONTRACT_STATUS_DIFFERS, breach, location, exchange.message)
    elif step and step.expect:
        status = status_message(exchange, terms.cel.status)
        yield from _expectation_misses(terms, step, status, subject)


def _implied(interaction: Interaction, method: Method) -> str:
    """A call with one reply must succeed unless the interaction says otherwise."""
    cancelled = any(step.kind is StepKind.CANCEL for step in interaction.steps)
    return "" if method.style.server_streams or cancelled else StatusCode.OK.name


def _surplus(interaction: Interaction, exchange: Exchange, cursor: int) -> Iterator[Miss]:
    last = interaction.steps[-1]
    surplus = len(exchange.received) - cursor
    if last.kind is StepKind.STATUS and last.exactly and surplus:
        yield _unexpected(last, exchange, surplus)


def _unexpected(step: ContractStep, exchange: Exchange, count: int) -> Miss:
    others = f"{count} other message{'s' if count > 1 else ''}"
    breach = Breach(exchange.method.full_name, f"no other message before its {step.kind}", others)
    return Miss(Kind.CONTRACT_MESSAGE_UNEXPECTED, breach, step.location)
