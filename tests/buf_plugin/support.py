"""Requests as buf sends them, and the plugin as buf starts it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.cases.compiled import compiled
from wireproof.buf_plugin.main import answer
from wireproof.buf_plugin.messages import message
from wireproof.schema.schema import Schema

PLUGIN = Path(sys.executable).with_name("wireproof-buf-plugin")
HEAD = 'syntax = "proto3";\npackage t;\n'


def run(*args: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([PLUGIN, *args], input=stdin, capture_output=True, check=False)


def schema(folder: Path, files: Mapping[str, str]) -> Schema:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(HEAD + text)
    return compiled(folder, *sorted(files))


def check_request(old: Schema, new: Schema, **given: Any) -> bytes:
    """The Request of a Check; *given*: `rules`, and every option by its key."""
    asked = message("buf.plugin.check.v1.CheckRequest")
    _files(asked.file_descriptors, new)
    _files(asked.against_file_descriptors, old)
    asked.rule_ids.extend(given.pop("rules", ()))
    for key, value in given.items():
        _option(asked.options.add(key=key).value, value)
    return wrapped("CheckRequest", asked.SerializeToString())


def wrapped(kind: str, inner: bytes) -> bytes:
    request = message("pluginrpc.v1.Request")
    request.value.type_url = f"type.googleapis.com/buf.plugin.check.v1.{kind}"
    request.value.value = inner
    data: bytes = request.SerializeToString()
    return data


def responded(method: str, stdin: bytes) -> Any:
    """The method's own response; fails where the plugin answered an error."""
    envelope = message("pluginrpc.v1.Response", answer(method, stdin))
    assert not envelope.HasField("error"), envelope.error.message
    return message(f"buf.plugin.check.v1.{method}Response", envelope.value.value)


def refused(method: str, stdin: bytes) -> tuple[int, str]:
    """The code and the words of the error that the plugin answered."""
    envelope = message("pluginrpc.v1.Response", answer(method, stdin))
    assert envelope.HasField("error")
    return envelope.error.code, envelope.error.message


def _files(target: Any, schema: Schema) -> None:
    for packed in schema.packed:
        one = target.add(is_import=packed.name not in schema.own)
        one.file_descriptor_proto.ParseFromString(packed.data)


def _option(target: Any, value: Any) -> None:
    if isinstance(value, list):
        for one in value:
            _option(target.list_value.values.add(), one)
    elif isinstance(value, bool):
        target.bool_value = value
    else:
        target.string_value = value
