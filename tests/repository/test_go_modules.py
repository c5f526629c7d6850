"""What Go's generators write is read back, without Go."""

from __future__ import annotations

import gzip

import pytest
from google.protobuf import descriptor_pb2

from tools.go_modules import described

FILE = descriptor_pb2.FileDescriptorProto(name='a/"b".proto', package="é\\n", syntax="proto3")
FILE.message_type.add(name="M").field.add(name="f", number=1, label=1, type=9)


def listed(data: bytes) -> str:
    return "[]byte{\n\t// bytes\n\t" + ", ".join(f"0x{one:02x}" for one in data) + ",\n}"


def quoted(data: bytes) -> str:
    """As strconv.Quote does: what is no text, or does not print, is escaped."""
    text = data.decode("utf-8", "surrogateescape")
    parts = (
        f"\\x{ord(c) - 0xDC00:02x}"
        if "\udc80" <= c <= "\udcff"
        else {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\a": "\\a"}.get(c)
        or (c if c.isprintable() else f"\\x{ord(c):02x}")
        for c in text
    )
    return '"' + "".join(parts) + '"'


FORMS = {
    "a list of bytes": lambda data: f"var file_a_proto_rawDesc = {listed(data)}\n",
    "a list made a string": lambda data: f"var file_a_rawDesc = string({listed(data)})\n",
    "gzipped": lambda data: f"var fileDescriptor_0ab1 = {listed(gzip.compress(data))}\n",
    "a sum of strings": lambda data: (
        f'const file_a_proto_rawDesc = "" +\n\t{quoted(data[:9])} +\n\t{quoted(data[9:])}\n'
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_a_descriptor_is_read(form: str):
    """
    Generators changed it twice, and gogo has its own.
    """
    source = f"package a\n\n{FORMS[form](FILE.SerializeToString())}\nvar other = 1\n"
    assert list(described(source)) == [FILE]
