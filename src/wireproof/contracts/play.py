"""Make the call that an interaction describes."""

from __future__ import annotations

import base64
from collections.abc import Iterable

from wireproof.contracts.contract import ContractStep, Interaction
from wireproof.contracts.match import satisfies
from wireproof.contracts.protojson import build, descriptor_of
from wireproof.contracts.terms import Terms
from wireproof.exchange.calls import Live, opened
from wireproof.exchange.channel import Channel, Metadata
from wireproof.exchange.exchange import Exchange, Method, Script, StepKind, Style


async def play(
    channel: Channel, terms: Terms, interaction: Interaction, metadata: Metadata = ()
) -> Exchange:
    """One call as the consumer would make it; *interaction* has its `${…}` filled in.

    It waits at each `receive` until a message satisfies it, so that a server may send others
    between; the deadline ends what never comes. *metadata* goes along unless the interaction sends
    the same key.
    """
    method = terms.method(interaction)
    if method is None:
        raise LookupError(interaction.method)  # told as a disagreement; nobody plays it
    script = Script((), _metadata(interaction, metadata), interaction.deadline)
    async with opened(channel, method, script) as live:
        for number, step in enumerate(interaction.steps):
            if not await _take(live, terms, method, step, interaction.steps[number + 1 :]):
                break
        if not live.cancelled:
            await live.half_close()
            if _leaves_early(interaction, method):
                live.cancel()
        return await live.finish()


async def _take(
    live: Live, terms: Terms, method: Method, step: ContractStep, rest: tuple[ContractStep, ...]
) -> bool:
    """Take one step; False where the call ended before it could be taken."""
    if step.kind is StepKind.SEND and step.body is not None:
        await live.send(build(step.body, descriptor_of(method.request)))
    elif step.kind is StepKind.HALF_CLOSE:
        await live.half_close()
    elif step.kind is StepKind.CANCEL:
        live.cancel()
    elif step.kind is StepKind.STATUS:
        await live.half_close()
        while await live.receive() is not None:
            pass
    else:
        if _has_all(method, rest):
            await live.half_close()
        return await _received(live, terms, method, step)
    return True


async def _received(live: Live, terms: Terms, method: Method, step: ContractStep) -> bool:
    while (payload := await live.receive()) is not None:
        if satisfies(terms, step, method, payload):
            return True
    return False


def _has_all(method: Method, rest: Iterable[ContractStep]) -> bool:
    """Whether the server has all that this call sends. When a bidirectional one does, its contract
    says itself: some servers answer only then, others end the call.
    """
    return method.style is not Style.BIDIRECTIONAL and not any(
        step.kind in (StepKind.SEND, StepKind.HALF_CLOSE) for step in rest
    )


def _leaves_early(interaction: Interaction, method: Method) -> bool:
    """A consumer that waits for no status has what it came for; the stream may never end."""
    ends = any(step.kind is StepKind.STATUS for step in interaction.steps)
    return method.style.server_streams and not ends


def _metadata(interaction: Interaction, common: Metadata) -> Metadata:
    own = tuple((key, _value(key, str(node.value))) for key, node in interaction.metadata)
    named = {key for key, _ in own}
    return (*((key, value) for key, value in common if key not in named), *own)


def _value(key: str, text: str) -> str | bytes:
    """Metadata whose key ends in `-bin` is written in base64."""
    return base64.b64decode(text) if key.endswith("-bin") else text
