"""`wireproof openapi SOURCE`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from wireproof.errors import WireproofError


class NoDocument(WireproofError):
    """Nothing to write, or nowhere to write it."""


@click.command()
@click.argument("source", default=".")
@click.option(
    "--format",
    "form",
    type=click.Choice(["yaml", "json"]),
    default=None,
    help="Default: json, or what -o ends in.",
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="A file, not stdout.")
@click.option(
    "--check",
    is_flag=True,
    help="Write nothing: is the file of -o up to date? Exit 1 where it is not.",
)
@click.option("--title", default="", help="Title of the document; default: the packages.")
@click.option("--version", default="", help="Its version; default: the schema's digest.")
def openapi(
    source: str, form: str | None, output: Path | None, *, check: bool, title: str, version: str
) -> int:
    """Write the HTTP interface of SOURCE as OpenAPI 3.1, from its google.api.http annotations.

    Validation rules become JSON Schema, comments descriptions, errors google.rpc.Status. SOURCE is
    a folder of protos, a .proto file, an image, git:REF[:PATH], release:VERSION, grpc://HOST:PORT,
    or anything that buf takes.
    """
    from wireproof.openapi import openapi as written
    from wireproof.schema.source import load

    document = written(load(source), title=title, version=version)
    if not document.operations:
        raise NoDocument(
            f"no method of {source} has an HTTP binding; annotate them with google.api.http"
        )
    for reason in document.left_out:
        click.echo(f"wireproof: left out {reason}", err=True)
    text = _text(document.content, form or _form(output))
    if check:
        return _checked(output, text, source)
    if output is None:
        click.echo(text, nl=False)
        return 0
    try:
        output.write_text(text, "utf-8")
    except OSError as error:
        raise NoDocument(f"cannot write {output}: {error.strerror}") from error
    return 0


def _checked(output: Path | None, text: str, source: str) -> int:
    if output is None:
        raise click.UsageError("--check wants the file to check: -o FILE")
    try:
        known = output.read_text("utf-8")
    except FileNotFoundError as error:
        raise NoDocument(f"there is no {output} yet: write it without --check") from error
    except OSError as error:
        raise NoDocument(f"cannot read {output}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise NoDocument(f"cannot read {output}: it is no text in UTF-8") from error
    if known == text:
        return 0
    click.echo(f"{output} is not what {source} says; write it again without --check", err=True)
    return 1


def _form(output: Path | None) -> str:
    return "yaml" if output is not None and output.suffix in (".yaml", ".yml") else "json"


def _text(content: dict[str, Any], form: str) -> str:
    if form == "json":
        return json.dumps(content, ensure_ascii=False, indent=2) + "\n"
    import yaml

    class Plain(yaml.SafeDumper):
        """YAML without anchors, which people trip over, and with texts in lines of their own."""

        def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
            return True

        def text(self, data: str) -> yaml.ScalarNode:
            style = "|" if "\n" in data else None
            return self.represent_scalar("tag:yaml.org,2002:str", data, style=style)

    Plain.add_representer(str, Plain.text)
    return yaml.dump(content, Dumper=Plain, sort_keys=False, allow_unicode=True, width=100)
