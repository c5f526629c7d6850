"""The group that all commands hang on, and the one place where errors become exit codes."""

from __future__ import annotations

import importlib
import os
import signal
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, NoReturn

import click

from wireproof.errors import DEBUG, InternalError, UnknownName, WireproofError

# command → "module:function"; loaded when called, so that `--help` stays fast.
COMMANDS = {
    "gate": "wireproof.cli.gate:gate",
    "lint": "wireproof.cli.lint:lint",
    "diff": "wireproof.cli.diff:diff",
    "test": "wireproof.cli.test:test",
    "verify": "wireproof.cli.verify:verify",
    "release": "wireproof.cli.release:release",
    "waive": "wireproof.cli.waive:waive",
    "openapi": "wireproof.cli.openapi:openapi",
}


class _Commands(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in COMMANDS:
            if cmd_name.startswith("-"):
                return None  # click's own word for an option that is none
            raise UnknownName("command", cmd_name, tuple(COMMANDS))
        module, name = COMMANDS[cmd_name].split(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="wireproof", message="wireproof %(version)s")
def group() -> None:
    """May this schema, and this service, ship without breaking anyone who relies on them?"""


def refuse(error: WireproofError) -> NoReturn:
    """Say why it could not run, and exit 2."""
    if os.environ.get(DEBUG):
        traceback.print_exception(error)
    click.echo(f"wireproof: {error}", err=True)
    sys.exit(2)


@contextmanager
def _terminable() -> Iterator[None]:
    """Let SIGTERM unwind the stack: a service that was started must not outlive a cancelled job."""

    def end(number: int, frame: FrameType | None) -> NoReturn:  # noqa: ARG001 - signal's signature
        sys.exit(128 + number)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def main(args: list[str] | None = None) -> None:
    """Run the command line; exit 0 clean, 1 with findings, 2 where it could not run.

    Interrupted (SIGINT) it exits 130, terminated (SIGTERM) 143, as shells do; what it started is
    ended first.
    """
    try:
        with _terminable():
            code: Any = group.main(args=args, prog_name="wireproof", standalone_mode=False)
    except WireproofError as error:
        refuse(error)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (click.Abort, KeyboardInterrupt):
        click.echo("wireproof: interrupted", err=True)
        sys.exit(130)
    except Exception as error:  # noqa: BLE001 - nobody who uses a tool should have to read its stack
        refuse(InternalError(error))
    sys.exit(code if isinstance(code, int) else 0)
