"""A provider that knows nothing but a contract: it checks what a consumer sends, and answers with
the contract's examples. Whatever passes here relies on nothing that its contract does not say.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

import grpc
import grpc_testing
from google.protobuf import json_format

from wireproof.contracts import Contract, Interaction
from wireproof.contracts.contract import ContractStep
from wireproof.exchange import Method, StepKind, Style, method_of

T = TypeVar("T")

# Of the four styles, what grpcio-testing calls them.
_TAKE = {
    Style.UNARY: "take_unary_unary",
    Style.SERVER_STREAMING: "take_unary_stream",
    Style.CLIENT_STREAMING: "take_stream_unary",
    Style.BIDIRECTIONAL: "take_stream_stream",
}


def kept(
    contract: Contract,
    name: str,
    action: Callable[[Any], T],
    *,
    service: Any,
    stub: Callable[[Any], Any],
    **values: Any,
) -> T:
    """What *action* returns, given a stub behind which the interaction *name* is played.

    *service* is the generated descriptor, *stub* the generated class, *values* stand for what the
    provider states would give. Raises AssertionError where the consumer departs from its contract.
    """
    interaction = next(one for one in contract.interactions if one.name == name).filled(values)
    channel = grpc_testing.channel([service], grpc_testing.strict_real_time())
    method = method_of(service.methods_by_name[interaction.method])
    with ThreadPoolExecutor(1) as pool:
        acting: Future[T] = pool.submit(action, stub(channel))
        _play(channel, method, interaction)
        return acting.result(timeout=60)


def _play(channel: Any, method: Method, interaction: Interaction) -> None:
    _, *given = getattr(channel, _TAKE[method.style])(method.descriptor)
    request, rpc = (None, *given) if method.style.client_streams else given
    rpc.send_initial_metadata(())
    reply = None
    for step in interaction.steps:
        if step.kind is StepKind.SEND:
            sent = rpc.take_request() if method.style.client_streams else request
            _as_promised(step, sent)
        elif step.kind is StepKind.HALF_CLOSE:
            rpc.requests_closed()
        elif step.kind is StepKind.RECEIVE:
            reply = _example(step, method)
            if method.style.server_streams:
                rpc.send_response(reply)
        elif step.kind is StepKind.CANCEL:
            rpc.cancelled()
            return
    _end(rpc, method, interaction.steps[-1], reply)


def _end(rpc: Any, method: Method, last: ContractStep, reply: Any) -> None:
    code = grpc.StatusCode[last.code or "OK"]
    if method.style.server_streams:
        rpc.terminate((), code, "")
    else:
        rpc.terminate(reply, (), code, "")


def _as_promised(step: ContractStep, sent: Any) -> None:
    assert step.body is not None
    promised: Mapping[str, Any] = step.body.plain()
    assert json_format.MessageToDict(sent) == promised


def _example(step: ContractStep, method: Method) -> Any:
    assert step.body is not None
    return json_format.ParseDict(step.body.plain(), method.reply())
