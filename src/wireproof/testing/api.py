"""What a service is about, read off its descriptors: resources and what the methods do to them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from wireproof.checks.compare import Paths
from wireproof.exchange import Method
from wireproof.testing.declared import Kind


class Role(StrEnum):
    """What a method does to a resource."""

    GET = "get"
    LIST = "list"
    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    UNDELETE = "undelete"
    BATCH = "batch"
    """A stream of requests for creation, one aggregate."""
    SYNC = "sync"
    """A stream of operations, each with its reply."""
    WATCH = "watch"
    """A stream of what happens to the resources."""


@dataclass(frozen=True, slots=True)
class Operation:
    """A method in its role; paths are field names joined by dots, empty for the message itself."""

    method: Method
    role: Role
    carrier: str | None = None
    """Where the request holds the resource; None where it does not."""
    id: str | None = None
    """Where the request names the resource."""
    twin: str | None = None
    """Where it may name it once more: in what it holds, where it names it beside that."""
    result: str | None = None
    """Where the reply holds the resource (the list of them); None where it does not."""
    mask: str | None = None
    """The request's google.protobuf.FieldMask."""
    key: str | None = None
    """The request's idempotency key."""
    by_name: tuple[str, ...] = ()
    """Fields of the request that are fields of the resource, where it holds no resource."""
    openings: tuple[tuple[str, str], ...] = ()
    """Numbers of a create that those of the resource begin with, and the resource's fields."""
    upserts: bool = False
    """Whether it is a PUT, which may create what is not there (RFC 9110, 9.3.4)."""
    promises_aip: bool = False
    """Whether the schema's own annotations make it a standard method of the AIPs."""


@dataclass(frozen=True, slots=True)
class Resource:
    """A message that the service keeps, and the methods that keep it."""

    type: Descriptor
    id: str
    """The field that names it."""
    operations: Mapping[Role, Operation]
    server_set: Paths = frozenset()
    """Fields that the server sets (OUTPUT_ONLY, or by their names)."""
    output_only: Paths = frozenset()
    """Fields that the schema marks OUTPUT_ONLY."""
    immutable: Paths = frozenset()
    """Fields that the schema marks IMMUTABLE."""
    creation: Paths = frozenset()
    """Times of creation that the server sets, by their names."""
    declares_behavior: bool = False
    kind: Kind | None = None
    """What google.api.resource says of it."""

    def of(self, role: Role) -> Operation | None:
        return self.operations.get(role)

    @property
    def id_field(self) -> FieldDescriptor:
        return self.type.fields_by_name[self.id]


@dataclass(frozen=True, slots=True)
class Api:
    """The resources of a service, and what is known of its methods."""

    methods: tuple[Method, ...]
    resources: tuple[Resource, ...] = ()
    by_method: Mapping[str, tuple[Resource, Operation]] = field(default_factory=dict)
    """Full name of a method → its resource and role."""
    listed: tuple[Resource, ...] = ()
    """The resources that several methods list, once more for each further one, as their list."""

    def named(self, kind: str, *, above: bool = False) -> Resource | None:
        """The resource of that declared type; *above*, one under which such resources lie."""
        known = [(one, one.kind) for one in self.resources if one.kind is not None]
        wanted = next(((one, of) for one, of in known if of.type == kind), None)
        if wanted is None or not above:
            return wanted[0] if wanted else None
        return next((one for one, of in known if of.holds(wanted[1])), None)

    def operations(self) -> Iterator[tuple[Resource, Operation]]:
        for resource in self.resources:
            for operation in resource.operations.values():
                yield resource, operation
