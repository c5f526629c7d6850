"""Trials of pace: who waits for whom, who reads slowly, who calls too often."""

from __future__ import annotations

import time
from collections.abc import Iterator
from functools import partial
from typing import Any

from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2

from wireproof.checks.facts import Code, Kind, details
from wireproof.checks.observations import Observation
from wireproof.checks.pace import (
    BrokenAfter,
    EarlyEnd,
    Lockstep,
    PromisedOrder,
    RateLimited,
    SlowReader,
)
from wireproof.checks.stacks import OK, Oddity, known_of
from wireproof.exchange import Exchange, Method, Style
from wireproof.exchange.held import held
from wireproof.exchange.http2 import framed
from wireproof.testing import declared
from wireproof.testing.api import Resource, Role
from wireproof.testing.event_trials import texts_in
from wireproof.testing.generated import valid_samples
from wireproof.testing.marks import marked, marks, proven
from wireproof.testing.options import Phase
from wireproof.testing.session import Session
from wireproof.testing.stack import known_of_broken, stack_of
from wireproof.testing.things import Made, Things
from wireproof.testing.trial import Trial

_TRUNCATED = "truncated bytes"
_NONSENSE = b"\x0a\x7f\x61"
"""Field 1 promises 127 bytes; one follows."""
_WAIT = 2.0
"""Seconds that a reply may take."""
_LONG = 5.0
"""Seconds that a slow reader is given to catch up."""
_ITEMS = 3
_BURST = 40
_MANY = 20
_WINDOW = 1024
"""Bytes that a server may send to a reader that does not read."""
_LONGEST = 2.0
"""Seconds that are waited for a limit to let calls through."""
_UNPROVOKED = "whether what precedes an error arrives: one request provokes none half-way"
"""A bidirectional stream can be broken by its third message; what is refused here never began."""
_KEPT, _LOCKSTEP = 1, 2
"""Values of wireproof.annotations.v1.Ordering."""


def pace(session: Session, methods: tuple[Method, ...]) -> Iterator[Trial]:
    """What each stream owes a client at its own pace, and a service one that calls often."""
    for method in methods:
        for name, run in _OF.get(method.style, ()):
            yield Trial(Phase.WIRE, method, partial(run, method=method), name)
        if method.style is Style.SERVER_STREAMING:
            session.note(method, _UNPROVOKED)
    targets = {method.full_name for method in methods}
    for resource in session.api.resources:
        watch = resource.of(Role.WATCH)
        if watch is not None and watch.method.full_name in targets and resource.of(Role.CREATE):
            run = partial(_slow, resource=resource)
            yield Trial(Phase.WIRE, watch.method, run, "slow reader")
    quick = next((m for m in methods if _reads(session, m)), None)
    if quick is not None:
        yield Trial(Phase.WIRE, quick, partial(_burst, method=quick), "burst")


def _slow(session: Session, resource: Resource) -> Iterator[Observation]:
    """A reader that stops reading while many things are made, then reads on."""
    things, method = Things(session, resource), resource.operations[Role.WATCH].method
    body, window = framed(method.request().SerializeToString()), _WINDOW
    proof = [(key, value) for key, value in session.who if isinstance(value, str)]
    session.spend()
    with held(session.door.target, method.path, body, proof, window=window) as reader:
        if not reader.started(session.within(_WAIT)):
            return
        made = list(_large(things))
        ids = {str(things.id_of(one.thing)) for one in made}

        def all_told(payloads: list[bytes]) -> bool:
            return set(_ids(method, payloads, ids)) == ids

        told = set(_ids(method, reader.messages(session.within(_LONG), all_told), ids))
        resumable = reader.over  # a reader that is told to come again has lost nothing
    if told and not resumable:
        yield SlowReader(method, tuple(one.exchange for one in made), len(ids), len(told))


def _large(things: Things) -> Iterator[Made]:
    """Many things, as large as may be: a few small ones fit into anybody's buffers."""
    session, method = things.session, things.operation(Role.CREATE).method
    samples = valid_samples(session.schema, method.takes, session.base(method))
    largest = max(samples, key=lambda sample: sample.message.ByteSize(), default=None)
    for _ in range(_MANY):
        request = session.base(method)
        if largest is not None:
            request = session.requests.adapted(largest.message, largest.keep)
        made = things.made(request) or things.made()
        if made is not None:
            yield made


def _ids(method: Method, payloads: list[bytes], ours: set[str]) -> Iterator[str]:
    """Which of *ours* the events name."""
    for payload in payloads:
        for text in texts_in(method.reply.FromString(payload)):
            if text in ours:
                yield text


def _reads(session: Session, method: Method) -> bool:
    unary = method.style is Style.UNARY
    return unary and declared.without_side_effects(session.schema, method.descriptor)


def _breaks(session: Session, method: Method) -> Iterator[Observation]:
    """As many replies before the error as the valid requests have alone.

    A library may end a call on bad bytes while its last replies are on the way, so where some are
    missing they get the time that they take alone before the bad bytes come.
    """
    valid = [session.base(method) for _ in range(2)]
    alone = session.call(method, *valid)
    if not alone.ok or len(alone.received) < len(valid):
        return
    if known_of(stack_of(session, method), Oddity.BROKEN_LATER) or _lets_pass(session, method):
        return
    owed = len(alone.received)
    broken = _broken(session, method)
    if len(broken.received) < owed:
        broken = _broken_later(session, method, owed)
    yield BrokenAfter(method, (alone, broken), owed)


def _lets_pass(session: Session, method: Method) -> bool:
    """Whether the server's library takes nonsense for the end of the requests."""
    return OK in known_of_broken(session, method, _TRUNCATED)


def _broken(session: Session, method: Method) -> Exchange:
    valid = [session.base(method) for _ in range(2)]
    return session.call(method, *valid, _NONSENSE, kind=Kind.MALFORMED, malformed=_TRUNCATED)


def _broken_later(session: Session, method: Method, owed: int) -> Exchange:
    live = session.open(method)
    for _ in range(2):
        session.door.run(live.send(session.base(method)))
    for _ in range(owed):
        if session.door.run(live.receive(session.within(_WAIT))) is None:
            break
    session.door.run(live.send(_NONSENSE))
    session.door.run(live.half_close())
    session.door.run(live.receive(session.within(_WAIT)))
    return session.close(live, kind=Kind.MALFORMED, malformed=_TRUNCATED)


def _ends_early(session: Session, method: Method) -> Iterator[Observation]:
    """Nonsense first, and no half-close: where nonsense is refused at all, it is refused now."""
    if _lets_pass(session, method):
        return
    control = session.call(method, _NONSENSE, kind=Kind.MALFORMED, malformed=_TRUNCATED)
    if control.ok or control.code is Code.DEADLINE_EXCEEDED:
        return
    live = session.open(method)
    session.door.run(live.send(_NONSENSE))
    session.door.run(live.send(session.base(method)))
    session.door.run(live.receive(session.within(_WAIT)))
    told = live.done
    x = session.close(live, kind=Kind.MALFORMED, malformed=_TRUNCATED)
    yield EarlyEnd(method, (x,), told or not x.note["held"])


def _lockstep(session: Session, method: Method) -> Iterator[Observation]:
    """A request, its reply, the next request: where the schema says that it may be so."""
    if declared.promise(session.schema, method.descriptor, "ordering") != _LOCKSTEP:
        return
    live = session.open(method)
    answered = 0
    for _ in range(_ITEMS):
        session.door.run(live.send(session.base(method)))
        if session.door.run(live.receive(session.within(_WAIT))) is None:
            break
        answered += 1
    session.door.run(live.half_close())
    session.door.run(live.receive(session.within(_WAIT)))
    x = session.close(live)
    if x.code in (Code.OK, Code.CANCELLED):
        yield Lockstep(method, (x,), _ITEMS, answered)


def _ordered(session: Session, method: Method) -> Iterator[Observation]:
    """Several requests at once: the replies come in their order, where the schema says so."""
    promised = declared.promise(session.schema, method.descriptor, "ordering")
    mark = proven(session, method) if promised in (_KEPT, _LOCKSTEP) else None
    if mark is None:
        return
    requests = marked(session, method, mark, _ITEMS * 3)
    x = session.call(method, *requests)
    if x.ok or x.note["held"]:
        yield PromisedOrder(method, (x,), marks(requests, mark), marks(list(x.replies()), mark))


def _burst(session: Session, method: Method) -> Iterator[Observation]:
    """Many calls at once: where some are refused for that, the refusal says when to come back."""
    session.prepare(method)
    answers = session.at_once(method, [session.base(method) for _ in range(_BURST)])
    refused = [x for x in answers if x.code is Code.RESOURCE_EXHAUSTED]
    if not refused or len(refused) == len(answers):
        return
    delay = _delay(refused[-1])
    recovered = None
    if delay is not None and delay <= _LONGEST:
        time.sleep(delay)  # the server asks for it
        again = session.call(method, session.base(method))
        recovered = again.code is not Code.RESOURCE_EXHAUSTED
    yield RateLimited(method, (refused[-1],), delay is not None, recovered)


def _delay(x: Exchange) -> float | None:
    """The seconds that a refusal names; None where it names none."""
    status: Any = details(x)
    for detail in status.details if status is not None else ():
        if detail.type_url.endswith("/google.rpc.RetryInfo"):
            try:
                info = error_details_pb2.RetryInfo.FromString(detail.value)
            except DecodeError:
                return None
            return float(info.retry_delay.ToTimedelta().total_seconds())
    return None


_OF = {
    Style.CLIENT_STREAMING: (("early end", _ends_early),),
    Style.BIDIRECTIONAL: (
        ("broken after", _breaks),
        ("lockstep", _lockstep),
        ("promised order", _ordered),
    ),
}
