"""What a contract can find: one row a kind, and the finding made of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from wireproof.contracts.contract import Contract, Interaction
from wireproof.finding import Breach, Breaks, Evidence, Finding, Location, Surface


@dataclass(frozen=True, slots=True)
class Row:
    """*says* completes `CONSUMER, INTERACTION: …`."""

    says: str
    why: str
    fix: str


class Kind(Enum):
    """The kinds, by the ids of their findings."""

    CONTRACT_METHOD_GONE = Row(
        "it calls {subject}, and the provider has {found}",
        "Every such call is answered with UNIMPLEMENTED.",
        "Bring the method back, or let the consumer move to its successor first.",
    )
    CONTRACT_STYLE_DIFFERS = Row(
        "it calls {subject} as {promised}, and the provider has it as {found}",
        "The consumer's generated code speaks another call than the provider hears.",
        "Add a method of the new style beside the old one.",
    )
    CONTRACT_FIELD_GONE = Row(
        "it relies on {subject}, and the provider has {found}",
        "What the consumer sets is ignored without a word, and what it reads stays empty.",
        "Bring the field back, or correct its name in the contract.",
    )
    CONTRACT_FIELD_TYPE_DIFFERS = Row(
        "it relies on {subject} as {promised}, and the provider has it as {found}",
        "The provider reads other values than the consumer wrote.",
        "Add a field of the new type beside the old one, or correct the contract.",
    )
    CONTRACT_FIELD_MISSING = Row(
        "it needs {promised} in {subject}, and found {found}",
        "The consumer reads this field.",
        "Fill the field again, or let the consumer take it out of its contract first.",
    )
    CONTRACT_EXPECTATION_FAILED = Row(
        "it needs {promised}, and that came out {found}",
        "The consumer relies on this value.",
        "Answer as before, or let the consumer change its contract first.",
    )
    CONTRACT_STATUS_DIFFERS = Row(
        "it needs the status {promised}, and got {found}",
        "The consumer decides by the status code what to do next.",
        "Answer with the status as before, or let the consumer change its contract first.",
    )
    CONTRACT_MESSAGE_MISSING = Row(
        "it needs {promised}, and got {found}",
        "The consumer waits for this message.",
        "Send the message again, or let the consumer change its contract first.",
    )
    CONTRACT_MESSAGE_UNEXPECTED = Row(
        "it can take {promised}, and got {found}",
        "The contract says `exactly`: another message disturbs the consumer.",
        "Send no other message there, or let the consumer give up `exactly`.",
    )
    CONTRACT_REPLY_UNREADABLE = Row(
        "it must read {subject}, and got {found}",
        "The consumer's generated code refuses these bytes.",
        "Send messages of the type that the schema declares.",
    )


_STATIC = {Kind.CONTRACT_METHOD_GONE, Kind.CONTRACT_STYLE_DIFFERS, Kind.CONTRACT_FIELD_GONE}


def finding(
    kind: Kind,
    breach: Breach,
    contract: Contract,
    interaction: Interaction,
    location: Location,
    note: str = "",
) -> Finding:
    """The finding of *kind*; *note* tells what the facts leave out."""
    row = kind.value
    facts = {"subject": breach.subject, "promised": breach.promised, "found": breach.found}
    note = f" ({note})" if note else ""
    return Finding(
        id=kind.name,
        subject=breach.subject,
        promised=breach.promised,
        found=breach.found,
        message=f"{contract.consumer}, {interaction.name!r}: {row.says.format(**facts)}{note}",
        why=row.why,
        fix=row.fix,
        surfaces=(Surface.RPC,),
        breaks=(Breaks.OLD_CLIENT,),
        location=location,
        evidence=Evidence.DERIVED if kind in _STATIC else Evidence.PROVEN,
        consumers=(contract.consumer,),
    )
