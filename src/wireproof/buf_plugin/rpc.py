"""pluginrpc, protocol version 1: procedures, requests, responses and errors, in its binary form."""

from __future__ import annotations

from wireproof.buf_plugin.wire import Malformed, data, fields, number

PROTOCOL = 1
SERVICE = "/buf.plugin.check.v1.CheckService"
PROCEDURES = {"check": "Check", "list-rules": "ListRules", "list-categories": "ListCategories"}
"""Argument that calls it → method of the service."""
_PACKAGE = "buf.plugin.check.v1"
_TYPES = "type.googleapis.com"

INVALID_ARGUMENT = 3
FAILED_PRECONDITION = 9
INTERNAL = 13


class PluginError(Exception):
    """What the caller did wrong, in one sentence; it travels back as a pluginrpc Error."""

    def __init__(self, message: str, code: int = INVALID_ARGUMENT) -> None:
        super().__init__(message)
        self.code = code


def path_of(method: str) -> str:
    return f"{SERVICE}/{method}"


def spec() -> bytes:
    """The `pluginrpc.v1.Spec`: each procedure's path and the argument that calls it."""
    return b"".join(
        data(1, data(1, path_of(method)) + data(2, word)) for word, method in PROCEDURES.items()
    )


def request_of(method: str, stdin: bytes) -> bytes:
    """The bytes of the method's own request within *stdin*, a `pluginrpc.v1.Request`.

    Empty input is an empty request. Raises PluginError for anything else that is no such request.
    """
    wanted = f"{_TYPES}/{_PACKAGE}.{method}Request"
    try:
        wrapped = _last(stdin, 1)
        if not wrapped:
            return b""
        kind = _last(wrapped, 1).decode("utf-8", "replace")
        inner = _last(wrapped, 2)
    except Malformed as error:
        raise PluginError(f"standard input is no pluginrpc.v1.Request: {error}") from error
    if kind.rpartition("/")[2] != wanted.rpartition("/")[2]:
        raise PluginError(f"{method} takes a {wanted.rpartition('/')[2]}, not {kind or 'nothing'}")
    return inner


def response(method: str, message: bytes) -> bytes:
    """A `pluginrpc.v1.Response` that carries the method's own response."""
    kind = f"{_TYPES}/{_PACKAGE}.{method}Response"
    return data(1, data(1, kind) + data(2, message))


def failure(error: PluginError) -> bytes:
    """A `pluginrpc.v1.Response` that carries an error."""
    return data(2, number(1, error.code) + data(2, str(error)))


def _last(message: bytes, field: int) -> bytes:
    """The last value of a string, bytes or message field, as protobuf reads it."""
    found = b""
    for at, value in fields(message):
        if at == field:
            if isinstance(value, int):
                raise Malformed(f"field {field} is a number")
            found = value
    return found
