"""CEL over any message, evaluated by protovalidate: the semantics of its own rules.

protovalidate judges a field by CEL expressions in its options, `this` being the value. So each
expression gets a wrapper message made at run time, whose one field is of the type in question.
"""

from __future__ import annotations

from functools import cached_property
from typing import Any

from google.protobuf import descriptor_pb2, descriptor_pool
from google.protobuf.descriptor import Descriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from protovalidate import CompilationError, EvaluationError, Validator

from wireproof.contracts.protojson import descriptor_of
from wireproof.contracts.status import add_status
from wireproof.schema.encoding import delimited
from wireproof.schema.schema import Schema

_FIELD = descriptor_pb2.FieldDescriptorProto
_FIELD_RULES = 1159  # the extension (buf.validate.field) of FieldOptions
_CEL = 23  # buf.validate.FieldRules.cel
_ID, _EXPRESSION = 1, 3  # buf.validate.Rule.id, .expression
_RULE = "wireproof"
_NO_ANSWER = "outputs an unexpected type, wanted either bool or string"


class Uncompilable(Exception):
    """An expression that is no CEL; the text says why."""


class Cel:
    """Evaluates expressions over the messages of one schema."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._pool = descriptor_pool.DescriptorPool()
        self._added: set[str] = set()
        # protovalidate caches rules by a message's full name, and wrappers are ours alone.
        self._validator = Validator()
        self._wrappers: dict[tuple[str, str], type[Message]] = {}

    @cached_property
    def status(self) -> Descriptor:
        """What `this` is in the expectations of a status."""
        # What the schema brings itself comes first: its own messages, its own google.rpc.
        for file in self._schema.files:
            if file.name in self._schema.own or file.package in ("google.rpc", "google.protobuf"):
                self._add(file.name)
        return add_status(self._pool, self._schema)

    def failure(self, expression: str, message: Message) -> str:
        """Why *expression* does not hold of *message*; nothing where it holds.

        An expression answers true or false, or a text that says what is wrong (empty: nothing).
        Raises Uncompilable.
        """
        wrapper = self._wrapper(expression, descriptor_of(message))()
        wrapped: Any = wrapper.it  # type: ignore[attr-defined]  # made at run time
        wrapped.SetInParent()
        wrapped.MergeFromString(message.SerializeToString())
        try:
            violations = self._validator.collect_violations(wrapper)
        except EvaluationError as error:
            return str(error).replace(f" {_RULE}:", ":", 1)
        except CompilationError as error:
            raise Uncompilable(_reason(error)) from error
        words = next((v.proto.message for v in violations if v.proto.rule_id == _RULE), "")
        return "false" if words.endswith(" returned false") else words

    def compile(self, expression: str, message: Descriptor) -> None:
        """Raise Uncompilable where *expression* is no CEL, or neither a condition nor a text."""
        empty = GetMessageClass(message)()
        if self.failure(expression, empty).endswith(_NO_ANSWER):
            raise Uncompilable("it answers neither true or false nor a text")

    def _add(self, name: str) -> None:
        """Bring a file, and what it imports, into the pool: of a large schema few are needed."""
        if name in self._added or name not in self._schema.by_name:  # the status type is ours
            return
        self._added.add(name)
        file = self._schema.file(name)
        for dependency in file.dependency:
            self._add(dependency)
        self._pool.Add(_without_rules(file))

    def _wrapper(self, expression: str, message: Descriptor) -> type[Message]:
        key = (message.full_name, expression)
        if key not in self._wrappers:
            number = len(self._wrappers)
            self._add(message.file.name)
            file = descriptor_pb2.FileDescriptorProto(
                name=f"wireproof.cel/{number}.proto",
                package="wireproof.cel",
                syntax="proto3",
                dependency=[self._pool.FindMessageTypeByName(message.full_name).file.name],
            )
            field = file.message_type.add(name=f"This{number}").field.add(
                name="it",
                number=1,
                label=_FIELD.LABEL_OPTIONAL,
                type=_FIELD.TYPE_MESSAGE,
                type_name=f".{message.full_name}",
            )
            field.options.ParseFromString(_rule(expression))
            self._pool.Add(file)
            name = f"{file.package}.This{number}"
            self._wrappers[key] = GetMessageClass(self._pool.FindMessageTypeByName(name))
        return self._wrappers[key]


def _without_rules(file: descriptor_pb2.FileDescriptorProto) -> descriptor_pb2.FileDescriptorProto:
    """*file* without custom options: what a wrapped message promises itself is not asked here."""
    bare = descriptor_pb2.FileDescriptorProto()
    bare.CopyFrom(file)
    bare.ClearField("source_code_info")
    todo: list[Any] = list(bare.message_type)
    while todo:
        message = todo.pop()
        todo.extend(message.nested_type)
        for declared in (message, *message.field, *message.oneof_decl, *message.extension):
            _bare(declared.options)
    return bare


def _bare(options: Message) -> None:
    options.DiscardUnknownFields()
    fields: list[Any] = [field for field, _ in options.ListFields()]
    for field in fields:
        if field.is_extension:  # known where generated code was imported into this process
            options.ClearExtension(field)


def _rule(expression: str) -> bytes:
    """FieldOptions with `(buf.validate.field).cel`, written by hand: no schema need import it."""
    rule = delimited(_ID, _RULE.encode()) + delimited(_EXPRESSION, expression.encode())
    return delimited(_FIELD_RULES, delimited(_CEL, rule))


def _reason(error: CompilationError) -> str:
    """The first of the compiler's complaints, without its drawing."""
    first = str(error).splitlines()[0].partition("expression")[2]
    return first.replace(f" {_RULE}: ", "", 1).replace("ERROR: <input>:", "", 1).strip()
