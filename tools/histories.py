"""Real histories as a judge: versions of packages on PyPI, compared by this engine and by buf.

    python -m tools.histories [--details] [PACKAGE…]

Each package is downloaded at several versions, the descriptors inside its generated modules make
an image, and each version is compared with the next. Needs the package registry.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from google.protobuf import descriptor_pb2

from tools.packaged import described, schema_of
from wireproof.errors import WireproofError
from wireproof.finding import Evidence, Finding, Severity
from wireproof.rules import compare
from wireproof.schema.schema import Schema

HISTORIES = {
    "opentelemetry-proto": "1.0.0 1.11.1 1.16.0 1.20.0 1.27.0 1.34.0 1.45.2",
    "googleapis-common-protos": "1.52.0 1.56.0 1.60.0 1.65.0 1.70.0 1.76.0",
    "xds-protos": "1.58.0 1.66.0 1.76.0 1.85.0",
    "qdrant-client": "1.0.0 1.5.0 1.9.0 1.13.0 1.20.0",
    "pymilvus": "2.2.0 2.3.0 2.4.0 2.5.0 3.0.2",
    "flyteidl": "1.2.0 1.8.0 1.13.0 1.16.8",
    "authzed": "0.8.0 0.15.0 1.1.0 1.25.0",
    "livekit-protocol": "0.4.0 0.8.0 1.0.0 1.1.29",
    "clarifai-grpc": "8.0.0 9.0.0 10.0.0 11.0.0 12.6.0",
    "weaviate-client": "4.5.0 4.9.0 4.15.0 4.24.1",
    "temporalio": "1.0.0 1.6.0 1.14.0 1.35.0",
    "cirq-google": "0.12.0 1.0.0 1.3.0 1.7.0",
    "grpc-google-iam-v1": "0.12.4 0.12.7 0.13.1 0.14.6",
    "etcd3": "0.10.0 0.12.0",
    "substrait": "0.9.0 0.20.0 0.37.1",
}


@dataclass(frozen=True, slots=True)
class Row:
    """What one step of a history came to."""

    package: str
    step: str
    seconds: float
    findings: tuple[Finding, ...]

    def count(self, *engines: str) -> int:
        errors = (f for f in self.findings if f.severity is Severity.ERROR)
        return sum(set(f.engines) == set(engines) for f in errors)

    def evidence(self, kind: Evidence) -> int:
        return sum(f.evidence is kind for f in self.findings)


def descriptors(wheel: Path) -> Iterator[descriptor_pb2.FileDescriptorProto]:
    """The files that a package's generated modules describe."""
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if name.endswith("_pb2.py"):
                yield from described(archive.read(name))


def downloaded(package: str, version: str, folder: Path) -> Schema | None:
    """The package's own files and what they import; None where there is no wheel of it."""
    into = folder / f"{package}-{version}"
    done = subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
         "--no-deps", "--only-binary=:all:", "--dest", str(into), f"{package}=={version}"],
        capture_output=True, check=False,
    )  # fmt: skip
    wheels = list(into.glob("*.whl"))
    if done.returncode or not wheels:
        return None
    return schema_of(f"{package}=={version}", descriptors(wheels[0]))


def history(package: str, versions: list[str], folder: Path) -> Iterator[Row]:
    """One row a step, oldest first; a version that has no wheel or no descriptors is left out."""
    found = ((version, downloaded(package, version, folder)) for version in versions)
    known = [(version, schema) for version, schema in found if schema and schema.own]
    for (was, old), (now, new) in pairwise(known):
        began = time.perf_counter()
        comparison = compare(old, new)
        spent = time.perf_counter() - began
        yield Row(package, f"{was} → {now}", spent, comparison.findings)


def _table(rows: list[Row]) -> str:
    head = (
        "| package | step | both | ours only | buf only | proven | unproven |\n"
        + "|---" * 7
        + "|\n"
    )
    return head + "\n".join(
        f"| {r.package} | {r.step} | {r.count('buf', 'wireproof')} | {r.count('wireproof')} | "
        f"{r.count('buf')} | {r.evidence(Evidence.PROVEN)} | {r.evidence(Evidence.UNPROVEN)} |"
        for r in rows
    )


def _details(row: Row) -> Iterator[str]:
    """What one engine alone says, what no message was found for, and how often each was said."""
    kinds = Counter((" ".join(f.engines), f.id, str(f.evidence)) for f in row.findings)
    for f in row.findings:
        if len(f.engines) == 1 or f.evidence is Evidence.UNPROVEN:
            yield f"  {' '.join(f.engines)}: {f.severity} {f.id} ({f.evidence}) {f.message}"
    yield from (f"  {count:5} {' '.join(kind)}" for kind, count in sorted(kinds.items()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("packages", nargs="*", default=[])
    parser.add_argument("--details", action="store_true", help="list what one engine alone says")
    chosen = parser.parse_args()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="wireproof-histories-") as folder:
        for package in chosen.packages or HISTORIES:
            try:
                for row in history(package, HISTORIES[package].split(), Path(folder)):
                    rows.append(row)
                    print(f"{row.package} {row.step}: {row.seconds:.1f} s", file=sys.stderr)
                    if chosen.details:
                        print(f"{row.package} {row.step}", *_details(row), sep="\n")
            except WireproofError as error:
                print(f"{package}: {error}", file=sys.stderr)
    print(_table(rows))


if __name__ == "__main__":
    main()
