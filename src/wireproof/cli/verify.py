"""`wireproof verify`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wireproof.cli.target import target_from, target_options
from wireproof.finding import Severity

if TYPE_CHECKING:
    from wireproof.contracts import Contract, VerifyReport
    from wireproof.schema.schema import Schema


@click.command()
@click.argument("target")
@click.argument("contracts", metavar="CONTRACT...", nargs=-1, required=True, type=Path)
@click.option("--schema", "source", metavar="SOURCE", help="The provider's (default: reflection).")
@click.option(
    "--consumer-schema",
    "known",
    metavar="SOURCE",
    multiple=True,
    help="A schema that a contract names by digest (releases are found anyway); may be repeated.",
)
@click.option("--states", metavar="FILE", type=Path, help="The Python file of provider states.")
@target_options
@click.option("--format", "shape", type=click.Choice(("text", "json")), default="text")
@click.option("--fail-on", type=click.Choice([str(one) for one in Severity]), default="error")
def verify(
    target: str,
    contracts: tuple[Path, ...],
    source: str | None,
    known: tuple[str, ...],
    states: Path | None,
    shape: str,
    fail_on: str,
    **server: Any,
) -> int:
    """Do the consumers behind the CONTRACTs get what they need from the provider at TARGET?"""
    # gRPC and protovalidate are heavy: `--help` must not wait for them.
    from wireproof.contracts import load_states, read_contract
    from wireproof.contracts import verify as run
    from wireproof.report.verify import verify_json, verify_text
    from wireproof.schema.reflection import schema_by_reflection
    from wireproof.schema.source import load
    from wireproof.verdict import Policy, judge

    read = [read_contract(path) for path in contracts]
    table = load_states(states) if states else {}
    address = target_from(target, **server)
    schema = load(source) if source else schema_by_reflection(address)
    report = run(read, address, schema, table, known=_known(read, known))
    verdict = judge(report.findings, Policy(fail_on=Severity(fail_on)))
    for line in _unsaid(report, read):
        click.echo(f"wireproof: {line}", err=True)
    click.echo(verify_json(report) if shape == "json" else verify_text(report, verdict))
    return verdict.exit_code or (2 if report.could_not_run else 0)


def _known(contracts: Iterable[Contract], sources: Iterable[str]) -> list[Schema]:
    """Schemas that a contract may have been written against; none where no contract names one."""
    from wireproof.schema.release import releases
    from wireproof.schema.source import load

    named = any(contract.schema for contract in contracts)
    released = [f"release:{version}" for version in releases(Path())] if named else []
    return [load(source) for source in (*sources, *released)]


def _unsaid(report: VerifyReport, contracts: Iterable[Contract]) -> Iterator[str]:
    """What must be known besides the findings."""
    for contract, result in zip(contracts, report.contracts, strict=True):
        if contract.schema and not result.own_schema:
            yield (
                f"{contract.path}: no known schema has the digest {contract.schema}; it is read in "
                "the provider's words (give the consumer's with --consumer-schema)"
            )
    for one in report.could_not_run:
        yield f"{one.name!r} could not run: {one.reason}"
