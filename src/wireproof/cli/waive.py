"""`wireproof waive`."""

from __future__ import annotations

import datetime as dt
import re

import click


def _fingerprint(_ctx: click.Context, _param: click.Parameter, value: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{12}", value):
        raise click.BadParameter(f"{value!r} must be the twelve hex digits of a finding")
    return value


@click.command()
@click.argument("fingerprint", callback=_fingerprint)
@click.option("--reason", required=True, help="Why this finding may ship.")
@click.option("--owner", required=True, help="Who answers for it.")
@click.option(
    "--expires",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The last day on which it holds (default: 90 days from today).",
)
def waive(fingerprint: str, reason: str, owner: str, expires: dt.datetime | None) -> None:
    """Let one finding ship: its FINGERPRINT stands in every report. A further change voids it."""
    from wireproof.gate.config import WAIVERS
    from wireproof.verdict import Waiver, write_waiver

    today = dt.datetime.now(dt.UTC).date()
    until = expires.date() if expires else today + dt.timedelta(days=90)
    if until < today:
        raise click.BadParameter(
            f"{until} is over; name a day from {today} on", param_hint="--expires"
        )
    path = write_waiver(WAIVERS, Waiver(fingerprint, reason, owner, until))
    click.echo(f"{path}: holds until {until}; commit it")
