"""`wireproof lint [SOURCE]`."""

from __future__ import annotations

from pathlib import Path

import click

from wireproof.finding import Severity

_FORMATS = ("text", "json", "markdown", "github")


@click.command()
@click.argument("source", default=".")
@click.option("--use", multiple=True, metavar="RULE", help="Run a rule that is a matter of taste.")
@click.option("--except", "excepted", multiple=True, metavar="RULE", help="Leave a rule out.")
@click.option("--no-buf", is_flag=True, help="Wireproof's governance rules only.")
@click.option("--format", "form", type=click.Choice(_FORMATS), default="text", show_default=True)
@click.option(
    "--fail-on", type=click.Choice([str(s) for s in Severity]), help="Default: wireproof.yaml's."
)
def lint(
    source: str,
    use: tuple[str, ...],
    excepted: tuple[str, ...],
    no_buf: bool,
    form: str,
    fail_on: str | None,
) -> int:
    """Say whether the schema at SOURCE (default: here) is well made.

    buf's lint under the schema's own buf.yaml, and the governance rules that buf lacks. SOURCE is
    anything that `wireproof diff` takes. Policy and waivers are those of this folder.
    """
    from dataclasses import replace

    from wireproof.gate.config import WAIVERS, read_config
    from wireproof.gate.lint import configured_here
    from wireproof.lint.engine import lint as found_in
    from wireproof.lint.policy import LintPolicy
    from wireproof.report.lint import FORMATS
    from wireproof.schema.source import load
    from wireproof.verdict import judge, read_waivers

    config = read_config(Path(), services=False)
    chosen = LintPolicy((*config.lint.use, *use), (*config.lint.excepted, *excepted))
    policy = replace(config.policy, fail_on=Severity(fail_on)) if fail_on else config.policy
    schema = configured_here(load(source), Path())
    findings = found_in(schema, chosen, buf=not no_buf)
    verdict = judge(findings, policy, read_waivers(WAIVERS))
    click.echo(FORMATS[form](schema, verdict))
    return verdict.exit_code
