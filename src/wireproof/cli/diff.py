"""`wireproof diff OLD NEW [MORE…]`."""

from __future__ import annotations

from typing import Any

import click

from wireproof.errors import UnknownName
from wireproof.finding import Severity, Surface

_ENGINES = {"both": ("buf", "wireproof"), "buf": ("buf",), "wireproof": ("wireproof",)}
_SURFACES = tuple(str(surface) for surface in Surface)


@click.command()
@click.argument("sources", nargs=-1, required=True, metavar="OLD NEW [MORE…]")
@click.option(
    "--mode",
    type=click.Choice(["rpc", "backward", "forward", "full"]),
    default="rpc",
    show_default=True,
    help="rpc judges all surfaces by role; the others judge messages as registries do.",
)
@click.option("--surface", default=None, help=f"all, or some of {','.join(_SURFACES)}.")
@click.option(
    "--profile",
    type=click.Choice(["bytes", "confluent"]),
    default="bytes",
    show_default=True,
    help="What really happens to data, or what Confluent's registry documents.",
)
@click.option(
    "--deploy",
    type=click.Choice(["any", "server-first", "client-first"]),
    default="any",
    show_default=True,
    help="Which side is deployed first.",
)
@click.option(
    "--map",
    "packages",
    metavar="PACKAGE=PACKAGE",
    callback=lambda _context, _option, text: _pair(text),
    help="Compare a package of OLD with another of NEW, as in api.v1=api.v2.",
)
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True
)
@click.option(
    "--fail-on",
    type=click.Choice([str(severity) for severity in Severity]),
    default=None,
    help="Default: wireproof.yaml's, or error.",
)
@click.option(
    "--engine",
    type=click.Choice(["both", "buf", "wireproof"]),
    default=None,
    help="Whose judgement counts. Default: wireproof.yaml's, or both.",
)
def diff(sources: tuple[str, ...], surface: str | None, form: str, **options: Any) -> int:
    """Say what changed from OLD to NEW, what breaks, and for whom.

    A source is a folder of protos, a .proto file, an image, git:REF[:PATH], release:VERSION,
    grpc://HOST:PORT, or anything that buf takes. More than two are a history, oldest first.
    """
    import gc

    from wireproof.cli.policy import policy_here
    from wireproof.report.diff import diff_json, diff_text, dumped
    from wireproof.rules.history import compare_sources
    from wireproof.verdict import judge

    if len(sources) < 2:
        raise click.UsageError("name at least two sources: OLD NEW")
    gc.disable()  # one comparison and out: there is no need to search for cycles
    here = policy_here(options["fail_on"])
    engine = options["engine"]
    comparison = compare_sources(
        sources,
        mode=options["mode"],
        profile=options["profile"],
        deploy=options["deploy"],
        surfaces=_surfaces(surface),
        engines=_ENGINES.get(engine, here.policy.engines),
        promises=here.promises,
        stored=here.stored,
        packages=options["packages"],
        digests=form == "json",
    )
    verdict = judge(comparison.findings, here.policy)
    if form == "json":
        click.echo(dumped(diff_json(comparison, verdict)))
    else:
        click.echo(diff_text(comparison, verdict))
    gc.freeze()  # and no search for cycles at the end: the system takes all memory back at once
    return verdict.exit_code


def _pair(text: str | None) -> tuple[str, str] | None:
    if text is None:
        return None
    was, equals, now = text.partition("=")
    if not (was and equals and now) or "=" in now:
        raise click.BadParameter(f"{text!r} does not name two packages, as in api.v1=api.v2")
    return was, now


def _surfaces(names: str | None) -> tuple[Surface, ...] | None:
    if names is None:
        return None
    chosen = [name.strip() for name in names.split(",") if name.strip()]
    if "all" in chosen:
        return tuple(Surface)
    for name in chosen:
        if name not in _SURFACES:
            raise UnknownName("surface", name, ("all", *_SURFACES))
    return tuple(Surface(name) for name in chosen)
