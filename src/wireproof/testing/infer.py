"""Read resources and standard methods off descriptors. Nothing hangs on a particular noun.

Annotations go first (google.api.http, field_behavior, resource), then types, then the verbs and
field names that people use.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from wireproof.exchange import Method, Style
from wireproof.schema.schema import Schema
from wireproof.testing import declared, names
from wireproof.testing.api import Api, Operation, Resource, Role
from wireproof.testing.drafts import (
    Draft,
    carrier_of,
    changers,
    draft_of,
    listers,
    makers,
    openings,
    spelled_out,
    types_of,
)
from wireproof.testing.shapes import (
    IDENTIFYING,
    TIME,
    batched,
    field_at,
    is_mask,
    is_plain,
    paths_to,
    repeated_messages,
    type_name,
)


def infer(schema: Schema, methods: Iterable[Method]) -> Api:
    """What the *methods* of *schema* keep, and how."""
    methods = tuple(methods)
    drafts = [draft for method in methods if (draft := draft_of(schema, method))]
    drafts += makers(schema, methods, drafts)
    drafts += changers(schema, methods, drafts)
    lists = {draft.method.full_name: draft for draft in listers(schema, methods, drafts)}
    drafts = [d for d in drafts if d.method.full_name not in lists] + [*lists.values()]
    resources = tuple(
        resource
        for type_ in types_of(drafts)
        if (resource := _resource(schema, type_, drafts, methods)) is not None
    )
    listed = tuple(one for resource in resources for one in _listed(schema, resource, drafts))
    by_method = {
        operation.method.full_name: (resource, operation)
        for resource in (*listed, *resources)
        for operation in resource.operations.values()
    }
    return Api(methods, resources, by_method, listed)


def _listed(schema: Schema, resource: Resource, drafts: list[Draft]) -> Iterator[Resource]:
    """The resource with each further method that lists it in the place of the first."""
    first = resource.of(Role.LIST)
    for draft in drafts:
        same = draft.type is not None and draft.type.full_name == resource.type.full_name
        if draft.role is Role.LIST and same and first is not None and draft.method != first.method:
            operation = _operation(schema, draft, resource.type, resource.id)
            if operation is not None:
                operations = {**resource.operations, Role.LIST: operation}
                yield replace(resource, operations=operations)


def _resource(
    schema: Schema, type_: Descriptor, drafts: list[Draft], methods: tuple[Method, ...]
) -> Resource | None:
    alone = len(types_of(drafts)) == 1
    mine = [draft for draft in drafts if _belongs(draft, type_, drafts, alone=alone)]
    id_ = _id_field(schema, type_, mine)
    if id_ is None or any(_names_none(draft) for draft in mine if draft.role is Role.GET):
        return None
    operations: dict[Role, Operation] = {}
    for draft in mine:
        operation = _operation(schema, draft, type_, id_)
        if operation is not None:
            operations.setdefault(draft.role, operation)
    for operation in _streams(schema, type_, operations, methods):
        operations.setdefault(operation.role, operation)
    return _described(schema, type_, id_, operations)


def _names_none(draft: Draft) -> bool:
    """Whether a method asks for the only thing of its kind."""
    return not draft.method.takes.fields or bool(draft.http and not draft.http.variables)


def _described(
    schema: Schema, type_: Descriptor, id_: str, operations: dict[Role, Operation]
) -> Resource:
    output_only = declared.marked(schema, type_, declared.OUTPUT_ONLY)
    declares = any(declared.behaviors(schema, field) for field in type_.fields)
    by_name = {field.name for field in type_.fields if names.is_server_set(field.name)}
    create = operations.get(Role.CREATE)
    chosen = create.by_name if create is not None else ()  # what a create asks for by name
    times = {f.name for f in type_.fields if type_name(f) == TIME and not declares}
    times -= set(chosen)
    return Resource(
        type=type_,
        id=id_,
        operations=operations,
        server_set=output_only | by_name | times,
        output_only=output_only,
        immutable=declared.marked(schema, type_, declared.IMMUTABLE),
        creation=frozenset(
            field.name
            for field in type_.fields
            if field.name in (output_only | times) and names.tells_of_creation(field.name)
        ),
        declares_behavior=declares,
        kind=declared.kind(schema, type_),
    )


def _belongs(draft: Draft, type_: Descriptor, drafts: list[Draft], *, alone: bool) -> bool:
    if draft.type is not None:
        return bool(draft.type.full_name == type_.full_name)
    nouns = {names.singular(type_.name.lower())}
    nouns |= {
        d.noun.lower() for d in drafts if d.type is not None and d.type.full_name == type_.full_name
    }
    return draft.noun in nouns or alone


def _id_field(schema: Schema, type_: Descriptor, mine: list[Draft]) -> str | None:
    fields = {f.name: f for f in type_.fields if is_plain(f) and f.type in IDENTIFYING}
    marked = [n for n in fields if declared.IDENTIFIER in declared.behaviors(schema, fields[n])]
    from_http = [
        variable.rsplit(".", 1)[-1]
        for draft in mine
        if draft.http and draft.role in (Role.GET, Role.UPDATE, Role.DELETE)
        for variable in reversed(draft.http.variables)
    ]
    asked = [f.name for d in mine if d.role is Role.GET for f in d.method.takes.fields]
    usual = _usual(type_.name)
    for candidate in (*marked, *from_http, *usual, *asked, *fields):
        if candidate in fields:
            return candidate
    return None


def _usual(noun: str) -> tuple[str, ...]:
    """The names that identifiers of a *noun* usually have."""
    snake = "_".join(names.words(noun))
    return (f"{snake}_id", "id", "uid", "uuid", "name", "key", f"{snake}_name", snake)


def _operation(schema: Schema, draft: Draft, type_: Descriptor, id_: str) -> Operation | None:
    request, reply = draft.method.takes, draft.method.gives
    carrier = carrier_of(request, type_) if draft.role in (Role.CREATE, Role.UPDATE) else None
    named = _named(draft, type_, id_, carrier)
    if named is None and draft.role not in (Role.CREATE, Role.LIST):
        return None
    by_name = () if carrier is not None else spelled_out(request, type_)
    if draft.role in (Role.CREATE, Role.UPDATE) and carrier is None and not by_name:
        return None
    resource = declared.is_resource(schema, type_)
    spoken = draft.http and any(declared.behaviors(schema, field) for field in type_.fields)
    return Operation(
        method=draft.method,
        role=draft.role,
        carrier=carrier,
        id=named,
        twin=f"{carrier}.{id_}" if named and carrier and "." not in named else None,
        result=_result(draft.role, reply, type_),
        mask=next((f.name for f in request.fields if is_mask(f)), None),
        key=_key(request, type_, named) if draft.role is Role.CREATE else None,
        by_name=by_name,
        openings=openings(request, type_) if draft.role is Role.CREATE and by_name else (),
        upserts=names.is_put(draft.method.name) or bool(draft.http and draft.http.verb == "put"),
        promises_aip=resource
        or bool(spoken)
        or declared.promises_aip(schema, draft.method.descriptor),
    )


def _result(role: Role, reply: Descriptor, type_: Descriptor) -> str | None:
    if role is Role.LIST:
        fields = (f for f in repeated_messages(reply))
        return next((f.name for f in fields if type_name(f) == type_.full_name), None)
    return carrier_of(reply, type_)


def _named(draft: Draft, type_: Descriptor, id_: str, carrier: str | None) -> str | None:
    """The path at which the request names the resource."""
    request = draft.method.takes
    wanted = type_.fields_by_name[id_].type
    if draft.http and draft.http.variables:
        variable = draft.http.variables[-1]
        field = field_at(request, variable, default=None)
        if field is not None and field.type == wanted and draft.role is not Role.CREATE:
            return variable
    if carrier is not None:
        beside = _beside(request, type_, id_) if draft.role is Role.UPDATE and carrier else None
        return beside or f"{carrier}.{id_}".lstrip(".")
    fields = [f for f in request.fields if is_plain(f) and f.type == wanted]
    known = {f.name for f in fields}
    noun = draft.noun or type_.name
    if draft.role is Role.CREATE:  # `name` and `key` may be what a thing is made with
        known -= set(type_.fields_by_name) - {id_}
    usual = next((n for n in (id_, *_usual(noun), *_usual(type_.name)) if n in known), None)
    if usual or draft.role in (Role.CREATE, Role.LIST):
        return usual if draft.role is not Role.LIST else None
    return fields[0].name if fields else None


def _beside(request: Descriptor, type_: Descriptor, id_: str) -> str | None:
    """The field of an update that names the thing, beside what the thing is to be."""
    wanted = type_.fields_by_name[id_].type
    usual = (id_, *names.references(type_.name))
    found = (f.name for f in request.fields if is_plain(f) and f.type == wanted)
    return next((name for name in found if name in usual), None)


def _key(request: Descriptor, type_: Descriptor, named: str | None) -> str | None:
    candidates = [
        f.name
        for f in request.fields
        if is_plain(f) and f.type == FieldDescriptor.TYPE_STRING and f.name != named
    ]
    taken = type_.fields_by_name
    return next((n for n in candidates if names.is_key(n) and n not in taken), None)


def _streams(
    schema: Schema, type_: Descriptor, unary: dict[Role, Operation], methods: tuple[Method, ...]
) -> Iterator[Operation]:
    """The streaming methods that are about the resource too."""
    for method in methods:
        role = _stream_role(method, type_, unary)
        if role is not None:
            carried = paths_to(method.takes, type_.full_name)
            yield Operation(
                method=method,
                role=role,
                carrier=carried[0] if carried else None,
                key=_key(method.takes, type_, None) if role is Role.BATCH else None,
                promises_aip=declared.promises_aip(schema, method.descriptor),
            )


def _stream_role(method: Method, type_: Descriptor, unary: dict[Role, Operation]) -> Role | None:
    request, reply = method.takes, method.gives
    if method.style is Style.SERVER_STREAMING:
        batch = batched(reply)
        event = batch.message_type if batch is not None else None
        told = paths_to(event or reply, type_.full_name)
        eventful = names.tells_of_events(method.name) or (told and "" not in told)
        return Role.WATCH if told and eventful else None
    create = unary.get(Role.CREATE)
    if create is None or not method.style.client_streams:
        return None
    wanted = (create.method.takes.full_name, type_.full_name)
    if not any(paths_to(request, name) for name in wanted):
        return None
    return Role.BATCH if method.style is Style.CLIENT_STREAMING else Role.SYNC
