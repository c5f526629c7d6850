"""`wireproof test TARGET`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wireproof.cli.target import target_from, target_options
from wireproof.errors import UnknownName
from wireproof.finding import Severity

if TYPE_CHECKING:
    from wireproof.testing.options import Options

REPLAYS = Path(".wireproof/replays")


@click.command()
@click.argument("target")
@click.option("--schema", "source", metavar="SOURCE", help="The server's (default: reflection).")
@click.option("--service", "services", multiple=True, help="Only this service; may be repeated.")
@click.option("--method", "methods", multiple=True, help="Only this method; may be repeated.")
@click.option("--exclude", multiple=True, help="Never call this method; may be repeated.")
@click.option("--phases", help="Some of examples,coverage,stateful,fuzzing,wire.")
@click.option("--max-calls", type=click.IntRange(1), default=4000, show_default=True)
@click.option("--max-time", type=click.FloatRange(0.1), default=60.0, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True, help="Same seed, same calls.")
@click.option("--profile", default="grpc", show_default=True, help="grpc or grpc,aip.")
@click.option("--allow-writes", is_flag=True, help="Call what has side effects off loopback too.")
@click.option("--first", is_flag=True, help="End with the first finding.")
@click.option("--replay", type=Path, help="Show one finding again, from its file.")
@click.option("--replays", type=Path, default=REPLAYS, show_default=True, help="Where files go.")
@click.option(
    "--credentials",
    metavar="NAME='KEY: VALUE'",
    multiple=True,
    help="Proof of a caller (caller, other-caller, admin), or from WIREPROOF_CALLER, …",
)
@target_options
@click.option("--format", "shape", type=click.Choice(("text", "json", "junit")), default="text")
@click.option("--fail-on", type=click.Choice([str(one) for one in Severity]), default="error")
def test(target: str, source: str | None, shape: str, fail_on: str, **asked: Any) -> int:
    """Does the server at TARGET keep what its schema, gRPC and its methods' names promise?"""
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # what goes wrong is said once, by us
    # gRPC, Hypothesis and protovalidate are heavy: `--help` must not wait for them.
    from wireproof.report.test import tested_json, tested_junit, tested_text
    from wireproof.schema.reflection import schema_by_reflection
    from wireproof.schema.source import load
    from wireproof.testing.runner import run_tests
    from wireproof.verdict import Policy, judge

    server = {key: asked.pop(key) for key in _SERVER}
    options = _options(**asked)
    address = target_from(target, **server)
    schema = load(source) if source else schema_by_reflection(address)
    report = run_tests(address, schema, options)
    verdict = judge(report.findings, Policy(fail_on=Severity(fail_on)))
    write = {"json": tested_json, "junit": tested_junit, "text": tested_text}[shape]
    click.echo(write(report, verdict))
    if report.stopped:
        click.echo(f"wireproof: {report.stopped}", err=True)
    return verdict.exit_code or (2 if report.stopped else 0)


_SERVER = ("headers", "tls", "ca", "cert", "key", "authority")


def _options(
    *,
    phases: str | None,
    profile: str,
    replay: Path | None,
    replays: Path,
    credentials: tuple[str, ...],
    **rest: Any,
) -> Options:
    from wireproof.checks import Profile
    from wireproof.testing.callers import callers_given
    from wireproof.testing.options import Options, Phase
    from wireproof.testing.replay import read

    rest |= {key: tuple(rest[key]) for key in ("services", "methods", "exclude")}
    rest["credentials"] = callers_given(credentials, os.environ)
    rest["profiles"] = tuple(Profile(name) for name in _names("profile", profile, Profile))
    if phases is not None:
        rest["phases"] = tuple(Phase(name) for name in _names("phase", phases, Phase))
    if replay is not None:
        rest["only"] = read(replay)
        rest |= {"seed": rest["only"].seed, "methods": (rest["only"].method,), "phases": None}
    return Options(replays=replays, **rest)


def _names(kind: str, text: str, known: Any) -> list[str]:
    """The names in a comma-separated list. Raises UnknownName."""
    chosen = [name.strip() for name in text.split(",") if name.strip()]
    for name in chosen:
        if name not in set(known):
            raise UnknownName(kind, name, tuple(str(one) for one in known))
    return chosen
