"""The questions that others ask of a schema's messages."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from google.protobuf import descriptor_pb2
from google.protobuf.descriptor import Descriptor, FileDescriptor
from google.protobuf.message import Message

from wireproof.schema.schema import Schema
from wireproof.values.build import Builder
from wireproof.values.cases import Case, covering, unfamiliar
from wireproof.values.chart import Chart
from wireproof.values.check import Fault, faults
from wireproof.values.drawn import Spoiler
from wireproof.values.gaps import Gap, gaps_of
from wireproof.values.goals import DEPTH, Goal, goals_of, reached_by
from wireproof.values.planner import planner_of
from wireproof.values.source import seeded
from wireproof.values.spoilt import Invalid, violating


@lru_cache(maxsize=32)
def builder_of(schema: Schema) -> Builder:
    """The builder of *schema*; the same object for the same schema."""
    return Builder(planner_of(schema))


def valid(schema: Schema, descriptor: Descriptor) -> Message:
    """The smallest message that passes validation.

    Raises Unsatisfiable where none was found, UnusableRules where the rules do not compile.
    """
    builder = builder_of(schema)
    least = builder.least(schema.message(descriptor.full_name))
    copy = type(least)()
    copy.CopyFrom(least)
    return copy


def coverage(
    schema: Schema, descriptor: Descriptor, *, depth: int = DEPTH, base: Message | None = None
) -> Iterator[Case]:
    """Valid messages that together reach what there is to reach, each once.

    First the minimal and the full message, then each field set alone, then many edges at once,
    then one edge at a time, last each field missing from the full message. *base*: a valid message
    to vary instead of the minimal one (one that a service is known to accept). *depth*: how many
    messages below the root are varied. Raises Unsatisfiable, UnusableRules.
    """
    return covering(builder_of(schema), schema.message(descriptor.full_name), depth, base)


def invalid(
    schema: Schema,
    descriptor: Descriptor,
    *,
    depth: int = DEPTH,
    base: Message | None = None,
    turn: int = 0,
) -> Iterator[Invalid]:
    """A message for each rule that breaks just that rule; what comes along is in `implied`.

    *turn* 1 and above give further ways to break the rules of single fields, where there are any:
    the other end of a range, another form. *base* and *depth* as for `coverage`. Raises
    Unsatisfiable, UnusableRules.
    """
    return violating(builder_of(schema), schema.message(descriptor.full_name), depth, base, turn)


def unknown_enums(
    schema: Schema, descriptor: Descriptor, *, depth: int = DEPTH, base: Message | None = None
) -> Iterator[Case]:
    """Valid messages with a number that an open enum does not declare, one field at a time.

    Apart from `coverage`, for a service may refuse them; *base* and *depth* as there. Raises
    Unsatisfiable, UnusableRules.
    """
    return unfamiliar(builder_of(schema), schema.message(descriptor.full_name), depth, base)


def gaps(schema: Schema, descriptor: Descriptor, *, depth: int = DEPTH) -> tuple[Gap, ...]:
    """The goals that neither `coverage` nor `invalid` reaches, with the reason."""
    root = schema.message(descriptor.full_name)
    return gaps_of(builder_of(schema), root, depth, universe(schema, descriptor, depth=depth))


def stream(
    schema: Schema, descriptor: Descriptor, *, seed: int, depth: int = DEPTH
) -> Iterator[Message]:
    """Valid messages without end, drawn from *seed*: many times faster than Hypothesis, unshrunk.

    Raises Unsatisfiable, UnusableRules.
    """
    builder, source = builder_of(schema), seeded(seed)
    root = schema.message(descriptor.full_name)
    while True:
        yield builder.draw(root, source, depth)


def invalid_stream(
    schema: Schema, descriptor: Descriptor, *, seed: int, depth: int = DEPTH
) -> Iterator[Invalid]:
    """Messages without end that break one rule each, drawn from *seed*; none without rules.

    Raises Unsatisfiable, UnusableRules.
    """
    source = seeded(seed)
    spoiler = Spoiler(builder_of(schema), schema.message(descriptor.full_name), depth)
    while spoiler.templates:
        yield spoiler.draw(source)


def universe(schema: Schema, descriptor: Descriptor, *, depth: int = DEPTH) -> frozenset[Goal]:
    """Every goal there is in a message, *depth* messages below the root."""
    return goals_of(builder_of(schema), schema.message(descriptor.full_name), depth)


@lru_cache(maxsize=512)
def chart(schema: Schema, descriptor: Descriptor, *, depth: int = DEPTH) -> Chart:
    """The goals of a message as bits, for counting what many calls reach. Raises UnusableRules."""
    return Chart(builder_of(schema), schema.message(descriptor.full_name), depth)


def reached(schema: Schema, message: Message) -> set[Goal]:
    """The goals that *message* reaches, valid or not."""
    mine = _of_schema(schema, message)
    return reached_by(builder_of(schema), mine, faults(schema, mine))


def violations(schema: Schema, message: Message) -> tuple[Fault, ...]:
    """What protovalidate finds wrong with *message*. Raises UnusableRules."""
    return faults(schema, _of_schema(schema, message))


def _of_schema(schema: Schema, message: Message) -> Message:
    if message.DESCRIPTOR.file.pool is schema.pool:
        return message
    kind = schema.message_class(message.DESCRIPTOR.full_name)
    return kind.FromString(message.SerializePartialToString())


@lru_cache(maxsize=64)
def _schema_of_file(file: FileDescriptor) -> Schema:
    files: dict[str, descriptor_pb2.FileDescriptorProto] = {}
    _collect(file, files)
    return Schema(tuple(files.values()), source=file.name, own=frozenset({file.name}))


def schema_of(descriptor: Descriptor) -> Schema:
    """A schema of *descriptor*'s file and what it imports, for messages of generated code."""
    return _schema_of_file(descriptor.file)


def _collect(file: FileDescriptor, found: dict[str, descriptor_pb2.FileDescriptorProto]) -> None:
    """*file* after its imports."""
    if file.name not in found:
        for dependency in file.dependencies:
            _collect(dependency, found)
        proto = descriptor_pb2.FileDescriptorProto()
        file.CopyToProto(proto)
        found[file.name] = proto
