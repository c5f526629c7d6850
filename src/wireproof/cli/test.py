"""`wireproof test TARGET`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from wireproof.cli.target import target_from, target_options
from wireproof.cli.test_options import test_options
from wireproof.cli.test_report import places, written
from wireproof.errors import UnknownName
from wireproof.finding import Severity

if TYPE_CHECKING:
    from wireproof.finding import Finding
    from wireproof.testing.options import Options
    from wireproof.testing.outcome import TestReport


@click.command()
@click.argument("targets", nargs=-1, required=True, metavar="TARGET")
@test_options
@target_options
def test(targets: tuple[str, ...], merge: bool, **asked: Any) -> int:
    """Does the server at TARGET keep what its schema, gRPC and its methods' names promise?"""
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # what goes wrong is said once, by us
    where = places(asked.pop("formats"), asked.pop("outputs"))
    judging = {key: asked.pop(key) for key in _JUDGING}
    if merge:
        from wireproof.report.test_json import read_report
        from wireproof.testing.merge import merged

        return _told(merged([read_report(Path(name)) for name in targets]), where, **judging)
    if len(targets) > 1:
        raise click.UsageError(f"one TARGET at a time, not {' '.join(targets)}")
    required = _required(judging["require_coverage"])  # a slip is told before the run
    return _told(_run(targets[0], **asked), where, **(judging | {"require_coverage": required}))


_JUDGING = ("fail_on", "baseline", "update_baseline", "require_coverage")
_SERVER = ("headers", "header_variables", "tls", "ca", "cert", "key", "authority")


def _run(name: str, source: str | None, engine: str | None, **asked: Any) -> TestReport:
    # gRPC, Hypothesis and protovalidate are heavy: `--help` must not wait for them.
    from wireproof.cli.progress import progress
    from wireproof.schema.reflection import schema_by_reflection
    from wireproof.schema.source import load
    from wireproof.testing.runner import run_tests

    server = {key: asked.pop(key) for key in _SERVER}
    asked["checks"] = asked["checks"] or _checks(name)
    options = _options(**asked)
    target = target_from(name, **server)
    schema = load(source) if source else schema_by_reflection(target)
    if engine is not None:
        from wireproof.testing.cluster import run_on

        return run_on(engine, target, schema, options)
    with progress() as watch:
        return run_tests(target, schema, options, watch)


def _told(
    report: TestReport,
    where: tuple[tuple[str, Path], ...],
    *,
    fail_on: str,
    baseline: Path | None,
    update_baseline: bool,
    require_coverage: Any,
) -> int:
    """Judge and write the report; the exit code."""
    from dataclasses import replace

    from wireproof.testing.required import lacking
    from wireproof.verdict import Policy, judge
    from wireproof.verdict.baseline import gone

    wanted = _required(require_coverage)
    known = _known(baseline, report.findings, update=update_baseline)
    called = [method.method for method in report.methods if method.calls]
    missing = gone(known, report.findings, called) if not report.spent else ()
    report = replace(report, gone=(*report.gone, *(one.words for one in missing)))
    findings = (*report.findings, *lacking(report, wanted))
    policy = Policy(fail_on=Severity(fail_on))
    verdict = judge(findings, policy, [one.waiver for one in known])
    for text in written(report, verdict, where):
        click.echo(text)
    if report.stopped:
        click.echo(f"wireproof: {report.stopped}", err=True)
    return verdict.exit_code or (2 if report.stopped else 0)


def _required(said: Any) -> Mapping[str, float]:
    from wireproof.testing.required import required

    return required(said) if isinstance(said, str) else said or {}


def _known(path: Path | None, findings: tuple[Finding, ...], *, update: bool) -> tuple[Any, ...]:
    """What the baseline knows, brought up to date first where that is asked for."""
    import datetime as dt

    from wireproof.verdict.baseline import read_baseline, write_baseline

    if path is None:
        if update:
            raise click.UsageError("--update-baseline needs --baseline FILE")
        return ()
    if update:
        before = read_baseline(path) if path.exists() else ()
        write_baseline(path, findings, before, dt.datetime.now(dt.UTC).date())
    return read_baseline(path)


def _options(
    *,
    phases: str | None,
    profile: str,
    replay: Path | None,
    checks: Path | None,
    folder: str | None,
    credentials: tuple[str, ...],
    **rest: Any,
) -> Options:
    from wireproof.checks import Profile
    from wireproof.testing.callers import callers_given
    from wireproof.testing.options import Options, Phase
    from wireproof.testing.project import load
    from wireproof.testing.replay import read

    rest |= {key: tuple(rest[key]) for key in ("services", "methods", "exclude")}
    rest["credentials"] = callers_given(credentials, os.environ)
    rest["profiles"] = tuple(Profile(name) for name in _names("profile", profile, Profile))
    if checks is not None:
        rest["project"] = load(checks)
    if phases is not None:
        rest["phases"] = tuple(Phase(name) for name in _names("phase", phases, Phase))
    if replay is not None:
        rest["only"] = read(replay)
        rest |= {"seed": rest["only"].seed, "methods": (rest["only"].method,), "phases": None}
    else:
        rest["examples"] = _examples(folder)
    return Options(**rest)


def _checks(target: str) -> Path | None:
    """The file of checks that wireproof.yaml names for the service at *target*.

    That of the service whose `target:` it is; else, on this machine, the one that all its services
    name. No other server gets the credentials that stand in it.
    """
    from wireproof.gate.config import read_config
    from wireproof.schema.target import target_of

    services = read_config(Path.cwd()).services
    mine = [one.checks for one in services if one.target == target]
    if not mine and target_of(target).is_loopback:
        mine = [one.checks for one in services]
    named = set(mine)
    return Path.cwd() / named.pop() if len(named) == 1 and any(named) else None


def _examples(folder: str | None) -> Any:
    """The database of earlier failures, as wireproof.yaml and the command line say."""
    from dataclasses import replace

    from wireproof.gate.config import read_config
    from wireproof.testing.examples import Examples, database

    root = Path.cwd()
    said = Examples(**read_config(root).examples)
    return database(said if folder is None else replace(said, folder=folder), root)


def _names(kind: str, text: str, known: Any) -> list[str]:
    """The names in a comma-separated list. Raises UnknownName."""
    chosen = [name.strip() for name in text.split(",") if name.strip()]
    for name in chosen:
        if name not in set(known):
            raise UnknownName(kind, name, tuple(str(one) for one in known))
    return chosen
