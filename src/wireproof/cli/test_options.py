"""The options of `wireproof test`, in the order in which `--help` shows them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from wireproof.finding import Severity

F = TypeVar("F", bound=Callable[..., Any])
FORMATS = ("text", "json", "junit", "html")
REPLAYS = Path(".wireproof/replays")


def _shard(
    _ctx: click.Context, _param: click.Parameter, value: str | None
) -> tuple[int, int] | None:
    if value is None:
        return None
    part, slash, whole = value.partition("/")
    if not (slash and part.isdigit() and whole.isdigit() and 1 <= int(part) <= int(whole)):
        raise click.BadParameter(f"{value!r} must be I/N, from 1/N to N/N")
    return int(part), int(whole)


_OPTIONS = (
    click.option("--schema", "source", metavar="SOURCE", help="The server's (else: reflection)."),
    click.option("--service", "services", multiple=True, help="Only this service; repeatable."),
    click.option("--method", "methods", multiple=True, help="Only this method; repeatable."),
    click.option("--exclude", multiple=True, help="Never call this method; repeatable."),
    click.option("--phases", help="Some of examples,coverage,stateful,fuzzing,wire."),
    click.option("--max-calls", type=click.IntRange(1), default=4000, show_default=True),
    click.option(
        "--max-time", type=click.FloatRange(0.1), default=60.0, show_default=True, help="Seconds."
    ),
    click.option(
        "--deadline",
        type=click.FloatRange(0.05),
        default=5.0,
        show_default=True,
        help="Seconds of one call.",
    ),
    click.option("--seed", type=int, default=0, show_default=True, help="Same seed, same calls."),
    click.option(
        "--workers",
        type=click.IntRange(1, 1000),
        default=1,
        show_default=True,
        help="Drawn calls in flight together: more is faster, and a harder test.",
    ),
    click.option("--profile", default="grpc", show_default=True, help="grpc or grpc,aip."),
    click.option("--allow-writes", is_flag=True, help="Call what has side effects off loopback."),
    click.option("--first", is_flag=True, help="End with the first finding."),
    click.option(
        "--checks",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        metavar="FILE",
        help="The project's own checks, strategies, credentials and hooks (Python).  "
        "[default: wireproof.yaml's]",
    ),
    click.option(
        "--credentials",
        metavar="NAME='KEY: VALUE'",
        multiple=True,
        help="Proof of a caller (caller, other-caller, admin), or from WIREPROOF_CALLER, …",
    ),
    click.option("--replay", type=Path, help="Show one finding again, from its file."),
    click.option("--replays", type=Path, default=REPLAYS, show_default=True, help="Their folder."),
    click.option(
        "--examples",
        "folder",
        metavar="FOLDER",
        help="Where failures are kept, to be tried first; '' for nowhere.  "
        "[default: wireproof.yaml's, else .wireproof/examples]",
    ),
    click.option("--baseline", type=Path, metavar="FILE", help="Known findings, each until a day."),
    click.option("--update-baseline", is_flag=True, help="Make what is found what is known."),
    click.option(
        "--require-coverage",
        metavar="PERCENT",
        help="Fail below it: 80, or methods=100,fields=90,rules=80.",
    ),
    click.option("--shard", metavar="I/N", callback=_shard, help="Run one of N parts (CI matrix)."),
    click.option("--merge", is_flag=True, help="Join JSON reports, given in place of TARGET."),
    click.option("--engine", metavar="dask://HOST:PORT", help="Run the parts on a Dask cluster."),
    click.option(
        "--format",
        "formats",
        type=click.Choice(FORMATS),
        multiple=True,
        help="Of the report; repeatable, each with its --output.  [default: the file's name tells]",
    ),
    click.option(
        "--output",
        "outputs",
        type=click.Path(dir_okay=False, path_type=Path),
        multiple=True,
        metavar="FILE",
        help="Where the report of the same rank goes; `-` is stdout.",
    ),
    click.option("--fail-on", type=click.Choice([str(one) for one in Severity]), default="error"),
)


def test_options(command: F) -> F:
    """Add them to *command*."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
