"""The options by which a command is told where a server is and how to speak with it."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from wireproof.errors import MalformedFile, UnreachableTarget

if TYPE_CHECKING:
    from wireproof.schema.target import Metadata, Target

F = TypeVar("F", bound=Callable[..., Any])
_KEY = re.compile(r"[0-9a-zA-Z_.-]+")
HEADERS = "WIREPROOF_HEADERS"
"""The environment variable that holds metadata of every call."""
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def _headers(_ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]) -> Metadata:
    return tuple(_header(value) for value in values)


def _header(value: str) -> tuple[str, str]:
    key, _, text = value.partition(":")
    key, text = key.strip().lower(), text.strip()
    if not _KEY.fullmatch(key) or not text.isascii() or not text:
        raise click.BadParameter(f"{value!r} must be 'KEY: VALUE'")
    return key, text


def _from_environment(
    _ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]
) -> Metadata:
    """`KEY=VARIABLE`: no secret on a command line, where others see it."""
    found = []
    for value in values:
        key, equals, variable = value.partition("=")
        if not equals or not variable:
            raise click.BadParameter(f"{value!r} must be KEY=VARIABLE")
        if not os.environ.get(variable):
            raise click.BadParameter(f"the environment variable {variable} is not set")
        found.append(_header(f"{key}: {os.environ[variable]}"))
    return tuple(found)


def _always() -> Metadata:
    """Those of WIREPROOF_HEADERS, one a line."""
    lines = os.environ.get(HEADERS, "").splitlines()
    try:
        return tuple(_header(line) for line in lines if line.strip())
    except click.BadParameter:
        raise click.UsageError(f"{HEADERS} must hold 'KEY: VALUE', one a line") from None


_OPTIONS = (
    click.option(
        "--header",
        "-H",
        "headers",
        metavar="'KEY: VALUE'",
        multiple=True,
        callback=_headers,
        help="Metadata of every call; may be repeated.",
    ),
    click.option(
        "--header-from-env",
        "header_variables",
        metavar="KEY=VARIABLE",
        multiple=True,
        callback=_from_environment,
        help="The same, its value from the environment; also WIREPROOF_HEADERS, one a line.",
    ),
    click.option("--tls", is_flag=True, help="Speak TLS."),
    click.option("--ca", type=_FILE, help="PEM of the authorities to trust, with TLS."),
    click.option("--cert", type=_FILE, help="PEM of the client's certificate, with mutual TLS."),
    click.option("--key", type=_FILE, help="PEM of the client's key, with mutual TLS."),
    click.option("--authority", help="The name in the server's certificate, if not the host's."),
)


def target_options(command: F) -> F:
    """Add them to *command*, which takes `**server` and gives it to `target_from`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def target_from(
    address: str,
    *,
    headers: Metadata,
    header_variables: Metadata,
    tls: bool,
    ca: Path | None,
    cert: Path | None,
    key: Path | None,
    authority: str | None,
) -> Target:
    """The target that the options describe."""
    from dataclasses import replace

    from wireproof.schema.target import target_of  # gRPC is heavy: `--help` must not wait for it

    if (cert is None) != (key is None):
        raise UnreachableTarget(address, "--cert and --key go together")
    secure = tls or any(given is not None for given in (ca, cert, authority))
    target = target_of(address, tls=secure, metadata=(*_always(), *header_variables, *headers))
    pem = [_pem(path) if path else None for path in (ca, cert, key)]
    return replace(target, ca=pem[0], certificate=pem[1], key=pem[2], authority=authority)


def _pem(path: Path) -> bytes:
    """What is in the file. Raises MalformedFile where it is no PEM: gRPC would not say so."""
    data = path.read_bytes()
    if b"-----BEGIN " not in data:
        raise MalformedFile(str(path), None, "it holds no PEM: no line begins with -----BEGIN")
    return data
