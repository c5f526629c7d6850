"""Which methods play a role that is known, and the resources that their messages suggest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from wireproof.exchange import Method, Style
from wireproof.schema.schema import Schema
from wireproof.testing import declared, names
from wireproof.testing.api import Role
from wireproof.testing.declared import Http
from wireproof.testing.shapes import (
    field_at,
    held,
    is_map,
    is_mask,
    repeated_messages,
    singular_messages,
    type_name,
)
from wireproof.values.integers import INTEGERS

_HTTP_ROLES = {
    "post": Role.CREATE,
    "patch": Role.UPDATE,
    "put": Role.UPDATE,
    "delete": Role.DELETE,
}


@dataclass(frozen=True, slots=True)
class Draft:
    """A method whose role is clear, and the resource that its messages suggest."""

    method: Method
    role: Role
    http: Http | None
    type: Descriptor | None

    @property
    def noun(self) -> str:
        """What the method's name is about; of another verb, what it makes: `BookCar`, a booking."""
        verb = names.role_by_name(self.method.name) is not None
        return names.noun(self.method.name) if verb or self.type is None else self.type.name


def draft_of(schema: Schema, method: Method) -> Draft | None:
    if method.style is not Style.UNARY:
        return None
    http = declared.http(schema, method.descriptor)
    role = names.role_by_name(method.name) or _role_by_http(method, http)
    if role is None or (http and http.custom and role is not Role.UNDELETE):
        return None
    return Draft(method, role, http, _type(role, method))


def makers(schema: Schema, methods: Iterable[Method], drafts: list[Draft]) -> Iterator[Draft]:
    """Methods of other verbs that make what some method gets, by what they take and give.

    They answer with it, name none that exists, and hold it or spell out some of its fields.
    """
    known = {d.method.full_name for d in drafts}
    got = {d.type.full_name: d.type for d in drafts if d.type is not None and d.role is Role.GET}
    made = {d.type.full_name for d in drafts if d.type is not None and d.role is Role.CREATE}
    for method in methods:
        type_ = _type(Role.CREATE, method) if method.style is Style.UNARY else None
        if type_ is None or method.full_name in known or type_.full_name not in got.keys() - made:
            continue
        rule = declared.http(schema, method.descriptor)
        if not (rule and rule.custom) and _makes(method.takes, type_, _asked_for(type_, drafts)):
            made.add(type_.full_name)
            yield Draft(method, Role.CREATE, rule, type_)


def changers(schema: Schema, methods: Iterable[Method], drafts: list[Draft]) -> Iterator[Draft]:
    """Methods of other verbs that change what some method gets: by a mask, which fields of it.

    They take a mask, name the thing and hold what it is to be, and answer with it.
    """
    known = {d.method.full_name for d in drafts}
    got = {d.type.full_name for d in drafts if d.type is not None and d.role is Role.GET}
    for method in methods:
        type_ = _type(Role.UPDATE, method) if method.style is Style.UNARY else None
        if type_ is None or method.full_name in known or type_.full_name not in got:
            continue
        told = carrier_of(method.takes, type_) and carrier_of(method.gives, type_) is not None
        if told and any(map(is_mask, method.takes.fields)):
            rule = declared.http(schema, method.descriptor)
            yield Draft(method, Role.UPDATE, rule, type_)


def listers(schema: Schema, methods: Iterable[Method], drafts: list[Draft]) -> Iterator[Draft]:
    """Methods without a verb of lists that list what others make: `FindRooms`, plain `Rooms`.

    They bear its name alone, so none of them tells a choice of its own, like `GetTopRooms`.
    """
    known = {d.method.full_name: d.role for d in drafts}
    made = [d.type for d in drafts if d.type is not None and d.role is Role.CREATE]
    for method in methods:
        role = known.get(method.full_name)
        if method.style is not Style.UNARY or role not in (None, Role.GET):
            continue
        nouns = "".join(names.words(method.name)[1 if role else 0 :])
        told = {type_name(field) for field in repeated_messages(method.gives)}
        type_ = next((t for t in made if t.full_name in told and several(nouns, t)), None)
        by_ids = any(field.is_repeated for field in method.takes.fields)
        if type_ is not None and held(method.gives) is None and not by_ids:
            yield Draft(method, Role.LIST, declared.http(schema, method.descriptor), type_)


def several(nouns: str, type_: Descriptor) -> bool:
    """Whether *nouns* is the plural of the type's name."""
    one = "".join(names.words(type_.name))
    return nouns != one and names.singular(nouns) == one


def _asked_for(type_: Descriptor, drafts: list[Draft]) -> frozenset[str]:
    """The names by which requests ask for a thing of that type."""
    gets = [d for d in drafts if d.type is type_ and d.role is Role.GET]
    return names.references(type_.name).union(
        *({field.name for field in get.method.takes.fields} for get in gets)
    )


def _makes(request: Descriptor, type_: Descriptor, asked: frozenset[str]) -> bool:
    carrier = carrier_of(request, type_)
    if carrier is not None:
        return True
    named = any(field.name in asked for field in request.fields)
    return not named and len(spelled_out(request, type_)) >= _ENOUGH


_ENOUGH = 2
"""Fields of a thing in a request that make up a new one."""


def _role_by_http(method: Method, http: Http | None) -> Role | None:
    if http is None:
        return None
    if http.verb == "get":
        return Role.LIST if any(repeated_messages(method.gives)) else Role.GET
    return _HTTP_ROLES.get(http.verb)


def _type(role: Role, method: Method) -> Descriptor | None:
    """The resource that the messages of a method in *role* suggest."""
    request, reply = method.takes, method.gives
    if role is Role.LIST:
        listed = next(repeated_messages(reply), None)
        return listed.message_type if listed else None
    if role in (Role.DELETE, Role.UNDELETE):
        return None
    found = held(reply)
    carried = next(singular_messages(request), None) if role is not Role.GET else None
    if found is None or (carried is not None and _told_of_later(carried, reply)):
        return carried.message_type if carried else None
    return field_at(reply, found).message_type if found else reply


def _told_of_later(carried: FieldDescriptor, reply: Descriptor) -> bool:
    """Whether a reply is an operation that goes on: its result comes as an Any, if at all."""
    kinds = {type_name(field) for field in reply.fields}
    return "google.protobuf.Any" in kinds and type_name(carried) not in kinds | {reply.full_name}


def types_of(drafts: list[Draft]) -> list[Descriptor]:
    """The messages that something gets or creates, in the order of the methods."""
    found: dict[str, Descriptor] = {}
    for draft in drafts:
        if draft.type is not None and draft.role in (Role.GET, Role.CREATE):
            found.setdefault(draft.type.full_name, draft.type)
    return list(found.values())


def carrier_of(request: Descriptor, type_: Descriptor) -> str | None:
    """The field by which a request or reply holds a *type_*; empty where it is one itself."""
    if request.full_name == type_.full_name:
        return ""
    return next(
        (f.name for f in singular_messages(request) if type_name(f) == type_.full_name),
        None,
    )


def spelled_out(request: Descriptor, type_: Descriptor) -> tuple[str, ...]:
    """The fields of a *type_* that a request has itself."""
    theirs = type_.fields_by_name
    return tuple(f.name for f in request.fields if _alike(f, theirs.get(f.name)))


def openings(request: Descriptor, type_: Descriptor) -> tuple[tuple[str, str], ...]:
    """Numbers of a request that those of a *type_* begin with, and theirs: `opening_balance`."""
    theirs = type_.fields_by_name
    found = ((f, theirs.get(names.opened(f.name) or "")) for f in request.fields)
    return tuple(
        (one.name, other.name)
        for one, other in found
        if other is not None and one.cpp_type in INTEGERS and _alike(one, other)
        if other.name not in request.fields_by_name
    )


def _alike(one: FieldDescriptor, other: FieldDescriptor | None) -> bool:
    """Whether what one holds fits into the other."""
    if other is None or (one.type, one.is_repeated) != (other.type, other.is_repeated):
        return False
    if is_map(one) and is_map(other):  # each message has entries of its own
        entries = one.message_type, other.message_type
        return all(_alike(*pair) for pair in zip(*(e.fields for e in entries if e), strict=True))
    return one.message_type is None or type_name(one) == type_name(other)
