"""`wireproof gate`."""

from __future__ import annotations

from pathlib import Path

import click

from wireproof.finding import Severity
from wireproof.report.gate import FORMATS


def _reports(
    _ctx: click.Context, _param: click.Parameter, values: tuple[str, ...]
) -> list[tuple[str, Path]]:
    pairs = []
    for value in values:
        kind, _, file = value.partition("=")
        if kind not in FORMATS or not file:
            raise click.BadParameter(f"{value!r} must be FORMAT=FILE, FORMAT {_known()}")
        pairs.append((kind, Path(file)))
    return pairs


def _known() -> str:
    return ", ".join(FORMATS)


@click.command()
@click.option("--against", metavar="SOURCE", help="The base, instead of the merge base.")
@click.option("--format", "shape", type=click.Choice(tuple(FORMATS)), default="text")
@click.option(
    "--report",
    "reports",
    multiple=True,
    metavar="FORMAT=FILE",
    callback=_reports,
    help="Write the report to a file too; may be repeated. Markdown is added to the file.",
)
@click.option(
    "--fail-on", type=click.Choice([str(s) for s in Severity]), help="Default: wireproof.yaml's."
)
@click.option(
    "--root",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=Path(),
    help="The repository to judge (default: here).",
)
def gate(
    against: str | None,
    shape: str,
    reports: list[tuple[str, Path]],
    fail_on: str | None,
    root: Path,
) -> int:
    """May this change ship? Every stage for this repository, one table, one verdict."""
    from wireproof.gate.config import read_config
    from wireproof.gate.run import run_gate

    config = read_config(root.resolve())
    report = run_gate(config, against=against, fail_on=Severity(fail_on) if fail_on else None)
    for words in dict.fromkeys(stage.words for stage in report.stuck):
        names = ", ".join(stage.name for stage in report.stuck if stage.words == words)
        click.echo(f"wireproof: {names}: {words}", err=True)
    for kind, file in reports:
        file.parent.mkdir(parents=True, exist_ok=True)
        # A job summary is a file that every step adds to; the rest are documents of their own.
        with file.open("a" if kind == "markdown" else "w", encoding="utf-8") as out:
            out.write(FORMATS[kind](report) + "\n")
    click.echo(FORMATS[shape](report))
    return report.exit_code
