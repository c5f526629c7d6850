"""Calls to one server: counted, bounded in time and number, remembered."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TypeVar

from google.protobuf.message import Message

from wireproof.checks.facts import Code, Kind
from wireproof.errors import UnreachableTarget
from wireproof.exchange import Exchange, Method, Script, Style, sends
from wireproof.exchange.calls import Live
from wireproof.exchange.channel import Metadata
from wireproof.exchange.door import Door
from wireproof.schema.schema import Schema
from wireproof.testing.api import Api, Resource, Role
from wireproof.testing.callers import ADMIN, CALLER, OTHER
from wireproof.testing.flight import Flight, Plan, listened
from wireproof.testing.fresh import Fresh
from wireproof.testing.learning import Learning
from wireproof.testing.memory import Memory
from wireproof.testing.options import Options
from wireproof.testing.own import Own
from wireproof.testing.owners import name_of
from wireproof.testing.reach import Reach
from wireproof.testing.replies import broken_in_replies
from wireproof.testing.requests import KNOWN, Requests
from wireproof.testing.seen import Seen
from wireproof.testing.tally import Tallies

T = TypeVar("T")

_PATIENT = 2.0
"""Seconds of silence where a finding depends on it."""
_LONGER = 3
"""How many times its usual time an answer has where a finding depends on it."""


class OutOfBudget(Exception):
    """The calls or the time that the user granted are spent."""


class Session:
    """Everything that the phases do to the server goes through here."""

    def __init__(
        self,
        door: Door,
        schema: Schema,
        api: Api,
        options: Options,
        proofs: Mapping[str, Metadata] | None = None,
    ) -> None:
        self.door = door
        self.schema = schema
        self.api = api
        self.options = options
        self.fresh = Fresh(options.seed)
        self.memory = Memory()
        self.project = options.project
        own = Own(schema, options.project.strategies, options.seed)
        self.requests = Requests(schema, api, self.fresh, self.memory, own)
        self.proofs = proofs or {}
        callers = {**self.project.credentials, **options.credentials}
        self.requests.who = lambda: name_of(callers, self.proofs, self.who)
        self._acting: Metadata | None = None
        self._learning = Learning(api, self.memory)
        self.seen = Seen(api.methods)
        self.tallies = Tallies(m.full_name for m in api.methods)
        self.coverage = Reach(schema, api.methods)
        self.watch: Callable[[], None] = lambda: None
        self.calls = 0
        self.log: list[Exchange] = []
        self.kept: dict[str, list[Any]] = {}
        """What trials compute once and share."""
        self.notes: list[str] = []
        """What could not be tested, and why: a sentence each."""
        self.patient = False
        self._free = False
        self._begun = time.monotonic()
        self._minimal: set[str] = set()
        self._asking: set[str] = set()
        self._flying = False
        self.lost: Exchange | None = None
        """The call after which nobody answered any more."""

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._begun

    @contextmanager
    def confirming(self) -> Iterator[None]:
        """Repeat something to be sure of it: with patience, and not at the budget's expense."""
        before = self.patient, self._free
        self.patient = self._free = True
        try:
            yield
        finally:
            self.patient, self._free = before

    def _patience(self, method: Method) -> float:
        """Seconds of silence that tell a stream that stays open from a slow answer."""
        usual = min(self.options.patience, max(0.02, self.tallies.mean * 8))
        patience = _PATIENT if self.patient else usual
        if method.style is Style.BIDIRECTIONAL and not self.tallies.stays_open(method.full_name):
            patience = max(patience, 1.0)
        return patience

    def within(self, seconds: float) -> float:
        """As long, or longer where a finding depends on it: slow is not silent."""
        return seconds * (_LONGER if self.patient else 1)

    def hopeless(self, method: Method) -> bool:
        """Whether more calls of *method* are a waste: they hang, or nothing is behind the name."""
        return self.tallies.hopeless(method.full_name)

    def call(
        self,
        method: Method,
        *messages: Message | bytes,
        kind: Kind = Kind.VALID,
        metadata: Metadata = (),
        deadline: float | None = None,
        **note: Any,
    ) -> Exchange:
        """One call: the messages, a half-close, everything until the end (or a long silence).

        Raises OutOfBudget before the call, UnreachableTarget where the server has died.
        """
        self.spend()
        self.project.before_call(method.full_name, messages)
        secret = self._secret(method)
        limit = deadline or self.within(self.options.deadline)
        script = Script(sends(*messages), metadata, limit, secret=secret)
        if method.style.server_streams:
            single = script.steps[0].payload if self._takes(method, len(messages)) else None
            live = self.door.open(method, script, single)
            x, held = self.door.run(listened(live, self._patience(method)))
        else:
            x, held = self.door.call(method, script), False
        told = {"kind": kind, "held": held, "answers": self.tallies.answers(method.full_name)}
        return self.noted(replace(x, note={**told, **note}))

    def at_once(self, method: Method, messages: Sequence[Message]) -> list[Exchange]:
        """Several calls of a unary method in flight together, one message each."""
        for _ in messages:
            self.spend()
        deadline, who = self.options.deadline, self._secret(method)
        scripts = [Script(sends(one), deadline=deadline, secret=who) for one in messages]
        found = self.door.together(method, scripts)
        return [self.noted(replace(x, note={"kind": Kind.VALID, "held": False})) for x in found]

    def open(self, method: Method, *messages: Message, metadata: Metadata = ()) -> Live:
        """A call in flight with its first messages sent; end it with `close`."""
        self.spend()
        self.project.before_call(method.full_name, messages)
        secret = self._secret(method)
        script = Script((), metadata, self.options.deadline * 4, secret=secret)
        if self._takes(method, len(messages)):
            return self.door.open(method, script, messages[0].SerializeToString())
        live = self.door.open(method, script)
        for message in messages:
            self.door.run(live.send(message))
        return live

    @property
    def proof(self) -> Metadata:
        """What proves the caller with the widest permissions; nothing where none is known."""
        known = (self.proofs[name] for name in (ADMIN, CALLER, OTHER) if name in self.proofs)
        return next(known, ())

    @contextmanager
    def acting(self, proof: Metadata) -> Iterator[None]:
        """Call as somebody else for a while; as nobody, with an empty proof."""
        before, self._acting = self._acting, proof
        try:
            yield
        finally:
            self._acting = before

    @property
    def who(self) -> Metadata:
        """What proves the one who calls at the moment."""
        return self.proof if self._acting is None else self._acting

    def _secret(self, method: Method) -> Metadata:
        return (*self.who, *self.project.metadata(method.full_name))

    @staticmethod
    def _takes(method: Method, count: int) -> bool:
        """Whether *method* takes one request, and there is one."""
        return count == 1 and not method.style.client_streams

    def close(self, live: Live, *, kind: Kind = Kind.VALID, **note: Any) -> Exchange:
        """Cancel what is still open and take down what happened."""
        live.cancel()
        x = self.door.run(live.finish())
        return self.noted(replace(x, note={"kind": kind, "held": live.cancelled, **note}))

    def noted(self, x: Exchange) -> Exchange:
        """Count *x*, learn from it, and see whether the server is still there."""
        self._taken(x)
        self.log.append(x)
        self._learning.from_(x)
        self.seen.take(x)
        self.project.after_call(x)
        if x.code is Code.UNAVAILABLE:
            self._still_there(x)
        return x

    def together(
        self, plans: Iterable[Plan], look: Callable[[Exchange], T]
    ) -> Iterator[tuple[Plan, T]]:
        """Make the planned calls, `options.workers` at a time, until the budget is spent.

        They are made in their order, and what *look* says of each is yielded in it. Nothing is
        learnt of one before all are made, so that the same seed makes the same calls however long
        the answers take. Raises UnreachableTarget, after the last call, where the server has died.
        """

        def taken(x: Exchange) -> T:
            self._taken(x)
            return look(x)

        flight = Flight(self.door.channel, self.options.workers, taken, self._patience)
        self._flying = True  # no call can wait for another then
        try:
            with self.memory.in_turn():
                self.door.run(flight.made(self._granted(plans)))
        finally:
            self._flying = False
        self.calls -= flight.unmade
        for plan, x, seen in flight.landed:
            self._learning.from_(x)
            self.project.after_call(x)
            yield plan, seen
        if flight.error is not None:
            raise flight.error
        if flight.lost is not None:
            self._still_there(flight.lost)

    def _granted(self, plans: Iterable[Plan]) -> Iterator[tuple[Plan, Script]]:
        for plan in plans:
            if self.spent:
                return
            self.calls += 1
            self.project.before_call(plan.method.full_name, (plan.message,))
            secret = self._secret(plan.method)
            yield plan, Script(sends(plan.message), (), self.options.deadline, secret=secret)

    def _taken(self, x: Exchange) -> None:
        """Count *x* and take down what it tells."""
        x.note["reply_violations"] = broken_in_replies(self.schema, x)
        self.tallies.add(x)
        self.coverage.add(x)
        self.watch()
        if self.tallies.hangs(x):
            reason = f"it accepts calls and answers none within {self.options.deadline:g} s"
            raise UnreachableTarget(self.door.target.address, reason)

    def make(self, resource: Resource) -> Message | None:
        """Create a thing of that kind; None where that does not succeed."""
        create = resource.of(Role.CREATE)
        if create is None:
            return None
        for _ in range(6):
            x = self.call(create.method, self.base(create.method))
            if x.ok:
                return self.memory.latest(resource)
            if x.code is Code.ALREADY_EXISTS:
                self.fresh.turn()
            elif not self.simplify(create.method):
                return None
        return None

    def note(self, method: Method, reason: str) -> None:
        """Take down, once, what could not be tested."""
        words = f"{method.full_name}: {reason}"
        if words not in self.notes:
            self.notes.append(words)

    def prepare(self, method: Method) -> None:
        """See to it that there is something for *method* to name."""
        before = self.requests.learnt.before.get(method.full_name)
        named = self.requests.references.named(method.takes)
        if before is not None:
            made, _ = self.api.by_method.get(before, (None, None))
            for _ in range(max([1, *(count for one, count in named if one is made)])):
                self.ask(before)
        for field in self.requests.references.required(method.takes):
            above = self.requests.references.declared(field)
            if above is not None and self.memory.any(above) is None:
                self._make_above(above)
        resource, operation = self.api.by_method.get(method.full_name, (None, None))
        for one, count in named:
            if one is not resource and len(self.memory.several(one)) < count:
                self._make_above(one)
        if resource is None or operation is None or operation.role not in KNOWN:
            return
        if self.memory.any(resource) is None:
            self.make(resource)
        delete = resource.of(Role.DELETE)
        if operation.role is Role.UNDELETE and self.memory.deleted(resource) is None and delete:
            self.call(delete.method, self.base(delete.method))

    def renew(self, method: Method) -> bool:
        """Make another of what *method* names, and will name from now on; whether there is any."""
        named = [one for one, _ in self.requests.references.named(method.takes)]
        for one in named:
            self._make_above(one)
        return bool(named)

    def _make_above(self, resource: Resource) -> None:
        """Create what a request must name; it may lie under something itself."""
        create = resource.of(Role.CREATE)
        if create is None or create.method.full_name in self._asking or self._flying:
            return
        self._asking.add(create.method.full_name)
        try:
            self.prepare(create.method)
            self.make(resource)
        finally:
            self._asking.discard(create.method.full_name)

    def ask(self, name: str) -> None:
        """Call the method of that full name for what its reply tells."""
        if name in self._asking or self._flying:
            return
        self._asking.add(name)
        method = next(m for m in self.api.methods if m.full_name == name)
        try:
            self.prepare(method)
            self.call(method, self.base(method))
        finally:
            self._asking.discard(name)

    def base(self, method: Method) -> Message:
        """A valid request in the fullest form that the server has not refused."""
        return self.requests.base(method, full=method.full_name not in self._minimal)

    def simplify(self, method: Method) -> bool:
        """Send only what is needed from now on; False where that is so already."""
        if method.full_name in self._minimal:
            return False
        self._minimal.add(method.full_name)
        return True

    def enrich(self, method: Method) -> None:
        """Send all that may be set again."""
        self._minimal.discard(method.full_name)

    @property
    def spent(self) -> bool:
        """Whether the user grants no more calls."""
        over = self.calls >= self.options.max_calls or self.seconds > self.options.max_time
        return over and not self._free

    def spend(self) -> None:
        """Take one call off what the user grants. Raises OutOfBudget."""
        if self.spent:
            raise OutOfBudget
        self.calls += 1

    def _still_there(self, x: Exchange) -> None:
        if not self.door.reachable():
            self.lost, name = x, x.method.full_name
            reason = f"it stopped answering during {name} (call {self.calls})"
            raise UnreachableTarget(self.door.target.address, reason)
