"""The parts of one run on the workers of a Dask cluster, joined to one report.

The cluster schedules; a part is what `--shard I/N` would run, one for each thread of the workers.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from google.protobuf import descriptor_pb2

from wireproof.errors import WireproofError
from wireproof.schema.schema import Schema
from wireproof.schema.target import Target
from wireproof.testing.merge import merged
from wireproof.testing.options import Options
from wireproof.testing.outcome import TestReport
from wireproof.testing.project import Project, load
from wireproof.testing.runner import run_tests

_SCHEME = "dask://"
_PATIENCE = 10
"""Seconds to wait for the scheduler."""


class UnusableEngine(WireproofError):
    """A cluster that cannot be used."""


def run_on(engine: str, target: Target, schema: Schema, options: Options) -> TestReport:
    """Run the tests on the cluster at *engine* (`dask://HOST:PORT`).

    Raises UnusableEngine where it is none, nobody answers there, or it has no workers. The
    workers reach *target* themselves, and read the project's own file from the same path.
    """
    with _client(engine) as client:
        parts = sum(client.nthreads().values())
        if not parts:
            raise UnusableEngine(f"{engine} has no workers; start one with `dask worker`")
        plain = replace(options, project=Project(), examples=None, replays=None)
        files = descriptor_pb2.FileDescriptorSet(file=schema.files).SerializeToString()
        jobs = [
            client.submit(
                _part,
                target,
                (files, schema.source, schema.own),
                (replace(plain, shard=(part, parts)), str(options.project.path)),
                pure=False,
                retries=0,
            )
            for part in range(1, parts + 1)
        ]
        return replace(merged(client.gather(jobs)), shard="")


def _part(target: Target, said: tuple[bytes, str, Any], asked: tuple[Options, str]) -> TestReport:
    """One part, on a worker."""
    files, source, own = said
    options, project = asked
    schema = Schema(
        tuple(descriptor_pb2.FileDescriptorSet.FromString(files).file), source=source, own=own
    )
    if project != str(Project().path):
        options = replace(options, project=load(Path(project)))
    return run_tests(target, schema, options)


def _client(engine: str) -> Any:
    if not engine.startswith(_SCHEME):
        raise UnusableEngine(f"--engine {engine} is no engine; give {_SCHEME}HOST:PORT")
    try:
        from distributed import Client  # an extra; see pyproject
    except ImportError:
        reason = "Dask is not installed: pip install 'wireproof[dask]'"
        raise UnusableEngine(f"cannot use {engine}: {reason}") from None
    try:
        make: Any = Client  # it is untyped
        return make("tcp://" + engine.removeprefix(_SCHEME), timeout=_PATIENCE)
    except (OSError, TimeoutError, ValueError) as error:
        reason = "no Dask scheduler answers there"
        raise UnusableEngine(f"cannot use {engine}: {reason}") from error
