"""Requests that the server can do something with: known identifiers, fresh names, real masks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message

from wireproof import values
from wireproof.checks.compare import Paths
from wireproof.checks.facts import plain
from wireproof.exchange import Method
from wireproof.schema.schema import Schema
from wireproof.testing import generated
from wireproof.testing.api import Api, Operation, Resource, Role
from wireproof.testing.fresh import Fresh, freshen_id, freshened
from wireproof.testing.learnt import Learnt
from wireproof.testing.memory import Memory
from wireproof.testing.own import Own
from wireproof.testing.owners import claim
from wireproof.testing.referring import References
from wireproof.testing.shapes import at, descriptor_of, messages_in, types_in
from wireproof.testing.work import (
    Work,
    clear_expected,
    clear_server_set,
    clear_tokens,
    leaves_out,
    relative,
    stock,
    unjudged,
)

KNOWN = (Role.GET, Role.UPDATE, Role.DELETE, Role.UNDELETE)
"""Roles whose requests name something that must exist."""
MAKING = (Role.CREATE, Role.BATCH)  # and those whose requests must not


class Requests:
    """Builds requests for one server, from its schema and what the run has learnt."""

    def __init__(
        self, schema: Schema, api: Api, fresh: Fresh, memory: Memory, own: Own | None = None
    ) -> None:
        self.who: Callable[[], str] = str
        """The name by which the server knows the one who calls; empty where nobody knows it."""
        self.schema = schema
        self.api = api
        self.fresh = fresh
        self.memory = memory
        self.own = own or Own(schema, {}, 0)
        self.learnt = Learnt()
        self.roots: dict[str, str] = {}
        """The part of the thing in which the masks of an update begin, where that was found out."""
        self._by_request: dict[str, tuple[Resource, Operation]] = {}
        for resource, operation in api.operations():
            if operation.role in (*KNOWN, Role.CREATE, Role.LIST):
                self._by_request[operation.method.takes.full_name] = (resource, operation)
        for resource, operation in api.operations():
            if operation.role is Role.BATCH:  # of requests of its own, or of those that create one
                name = operation.method.takes.full_name
                self._by_request.setdefault(name, (resource, operation))
        self.references = References(schema, api, memory)
        self._adaptable: dict[str, bool] = {}
        self._holding: dict[str, bool] = {}

    def keeps(self, message: Message) -> bool:
        """Whether *message* keeps every rule of its schema."""
        return not violations(self.schema, message)

    def base(self, method: Method, *, full: bool = True) -> Message:
        """A valid request that ought to be answered with OK; *full* sets what may be set."""
        make = generated.full if full else generated.least
        return self.adapted(make(self.schema, method.takes))

    def bare(self, method: Method) -> Message:
        """A request with nothing in it but what the schema and the server are known to ask for."""
        request = method.request()
        self._refer(Work(request, request, frozenset(), unjudged))
        self.learnt.fill(request, frozenset(), lambda: True)
        return request if self.keeps(request) else self.base(method, full=False)

    def adapted(
        self,
        message: Message,
        keep: Paths = frozenset(),
        *,
        gently: bool = False,
        fresh: bool = True,
    ) -> Message:
        """A copy of *message* with identifiers that exist, fresh names, masks that name fields.

        What lies at a path in *keep* stays, with *gently* the length of every text, without *fresh*
        every name.
        Whatever would break a rule stays too.
        """
        wanted = violations(self.schema, message)

        def keeps(changed: Message) -> bool:
            return violations(self.schema, changed) == wanted

        how = Work(message, message, keep, keeps, gently, fresh, mine=not wanted)
        return self._adapted(how)

    def addressed(
        self,
        message: Message,
        keep: Paths = frozenset(),
        faults: Iterable[values.Fault] = (),
        *,
        sure: bool = True,
    ) -> Message | None:
        """A copy of *message* that names what exists and has just the *faults*; None if none does.

        For requests in bulk: every step is tried at once. Where that changes what is broken they
        are tried one by one, if it is *sure* that *message* has these faults.
        """
        broken = _rules(faults)
        how = Work(message, message, keep, unjudged, fresh=False, mine=not broken)
        copy = self._adapted(how)
        known = sure and copy == message
        if known or violations(self.schema, copy) == broken:
            return copy
        if not sure:
            return None
        copy = self.adapted(message, keep, fresh=False)
        return copy if violations(self.schema, copy) == broken else None

    def _adapted(self, how: Work) -> Message:
        """A copy of the whole, each part of it adapted in that way."""
        copy = generated.copied(how.whole)
        into = None if self.own or self.learnt else self._holds_some
        for path, part in list(messages_in(copy, into=into)):
            if into is None or self._concerns(descriptor_of(part)):
                keep = frozenset(relative(path.replace("[]", ""), how.keep)) if path else how.keep
                self._adapt(Work(copy, part, keep, how.keeps, how.gently, how.fresh, how.mine))
        return copy

    def _concerns(self, kind: Descriptor) -> bool:
        """Whether there may be something to adapt in messages of that type."""
        if kind.full_name not in self._adaptable:
            known = kind.full_name in self._by_request or self.references.concern(kind)
            self._adaptable[kind.full_name] = known or leaves_out(kind)
        return self._adaptable[kind.full_name]

    def _holds_some(self, kind: Descriptor) -> bool:
        """Whether there may be something to adapt in such a message or below."""
        if kind.full_name not in self._holding:
            self._holding[kind.full_name] = any(map(self._concerns, types_in(kind)))
        return self._holding[kind.full_name]

    def keep_of(self, sample: generated.Sample) -> Paths:
        """What of a valid *sample* must stay: what it is about, unless the project decides that."""
        own = self.own and self.own.governs(sample.message, sample.path)
        return frozenset() if own else sample.keep

    def varied(self, message: Message) -> Message:
        """A copy whose texts are others of their lengths and kinds, breaking the same rules."""
        copy = generated.copied(message)
        wanted = violations(self.schema, copy)

        def keeps(changed: Message) -> bool:
            return violations(self.schema, changed) == wanted

        freshened(copy, copy, self.fresh, keeps, gently=True)
        return copy

    def _adapt(self, work: Work) -> None:
        clear_tokens(work)
        kind = descriptor_of(work.part)
        if self.references.concern(kind):
            self._refer(work)
        known = self._by_request.get(kind.full_name)
        if known is not None:
            self._play(*known, work)
        if self.learnt:
            whole = work.whole
            self.learnt.fill(work.part, work.keep, lambda: work.keeps(whole))
        if self.own and work.mine:
            self.own.fill(work.part, work.keep)

    def _play(self, resource: Resource, operation: Operation, work: Work) -> None:
        """Make the request one of its method's role."""
        if operation.role in (*MAKING, *KNOWN):
            clear_server_set(resource, operation, work)
        if operation.role in MAKING:
            if operation.key is not None and operation.key not in work.keep:
                work.part.ClearField(operation.key)  # a key repeated is another promise
            self._freshen(work, work.part, work.keep)
            stock(work)
            claim(self.schema, resource, operation, work, self.who())
        elif operation.role in KNOWN:
            if operation.carrier is not None:
                carried = at(work.part, operation.carrier)
                keep = frozenset(relative(operation.carrier, work.keep))
                self._freshen(work, carried, keep)
            claim(self.schema, resource, operation, work, self.who())
            clear_expected(work)
            self._fit_mask(resource, operation, work)
            self._name(resource, operation, work)

    def _freshen(self, work: Work, part: Message, keep: Paths) -> None:
        if work.fresh:
            keep |= self._referring(work.part) if part is work.part else frozenset()
            freshened(work.whole, part, self.fresh, work.keeps, keep=keep, gently=work.gently)

    def _referring(self, part: Message) -> Paths:
        """The fields of *part* that name something which exists."""
        made = self._made_by(part)
        return frozenset(
            field.name
            for field, value in part.ListFields()
            if self.references.thing(part, field, made) == value
        )

    def _made_by(self, part: Message) -> tuple[Resource, Operation] | None:
        known = self._by_request.get(descriptor_of(part).full_name)
        return known if known is not None and known[1].role in MAKING else None

    def _refer(self, work: Work) -> None:
        """Fields that name a thing of another kind name one that exists."""
        made = self._made_by(work.part)
        needed = self.references.required(descriptor_of(work.part))
        for field in (*needed, *(field for field, _ in work.part.ListFields())):
            if field.name in work.keep:
                continue
            value = getattr(work.part, field.name)
            thing = self.references.thing(work.part, field, made)
            if thing is not None and thing != value:
                setattr(work.part, field.name, thing)
                if not work.keeps(work.whole):
                    setattr(work.part, field.name, value)

    def _fit_mask(self, resource: Resource, operation: Operation, work: Work) -> None:
        """A mask of what the request populates."""
        part = operation.carrier
        if part is None:
            part = self.roots.get(operation.method.full_name) or None
        if operation.mask is None or part is None or operation.mask in work.keep:
            return
        paths = self.writable(resource, at(work.part, part))
        before = list(getattr(work.part, operation.mask).paths)
        self.masked(work.part, operation.mask, paths)
        if not work.keeps(work.whole):
            self.masked(work.part, operation.mask, before)

    @staticmethod
    def masked(request: Message, name: str, paths: Iterable[str]) -> Message:
        """*request* with its mask set to *paths*."""
        mask: Any = getattr(request, name)
        del mask.paths[:]
        mask.paths.extend(paths)
        return request

    def rooted(self, operation: Operation, thing: Message, paths: Iterable[str]) -> list[str]:
        """*paths* of the thing as the masks of *operation* spell them; its part by what it holds.

        Of a part without anything, by every field: a mask of none may stand for no mask at all.
        """
        root = self.roots.get(operation.method.full_name, "")
        told = []
        for path in paths:
            part = at(thing, root) if root and path == root else None
            held = [f.name for f, _ in part.ListFields()] if part is not None else [path]
            every = list(descriptor_of(part).fields_by_name) if part is not None else []
            told += [name.removeprefix(f"{root}.") for name in held or every]
        return told

    def _existing(self, resource: Resource, role: Role) -> Message | None:
        if role is Role.UNDELETE:
            return self.memory.deleted(resource)
        return self.memory.spare(resource) if role is Role.DELETE else self.memory.any(resource)

    def _name(self, resource: Resource, operation: Operation, work: Work) -> None:
        """Name something that exists."""
        thing = self._existing(resource, operation.role)
        if operation.id is None or thing is None or operation.id in work.keep:
            return
        before = None if work.keeps is unjudged else generated.copied(work.part)
        self.naming(operation, work.part, getattr(thing, resource.id))
        if before is not None and not work.keeps(work.whole):
            work.part.CopyFrom(before)  # setting the old value would make what holds it present

    def naming(self, operation: Operation, message: Message, id_: Any) -> Message:
        """*message* with another identifier."""
        for path in (operation.id, operation.twin):
            if path is not None:
                parents, _, name = path.rpartition(".")
                setattr(at(message, parents), name, id_)
        return message

    def unknown_id(self, operation: Operation) -> Message:
        """A valid request that names nothing: the shape of an identifier that was never given."""
        return self.fresh_id(operation, self.base(operation.method))

    def fresh_id(self, operation: Operation, message: Message) -> Message:
        """*message* with an identifier that was never given."""
        if operation.id is not None:
            parents, _, name = operation.id.rpartition(".")
            freshen_id(message, at(message, parents), name, self.fresh, self.keeps)
            if operation.twin is not None:
                self.naming(operation, message, getattr(at(message, parents), name))
        return message

    def writable(self, resource: Resource, thing: Message) -> list[str]:
        """The populated fields of *thing* that a caller may change."""
        fixed = {resource.id, *resource.server_set, *resource.immutable}
        return [field.name for field, _ in thing.ListFields() if field.name not in fixed]


def violations(schema: Schema, message: Message) -> frozenset[tuple[str, str]]:
    """The rules that *message* breaks: (path without subscripts, id of the rule)."""
    return _rules(values.violations(schema, message))


def _rules(faults: Iterable[values.Fault]) -> frozenset[tuple[str, str]]:
    return frozenset((plain(fault.path), fault.rule) for fault in faults)
