"""Real histories as a judge: versions of packages and Go modules, compared by this engine and buf.

    python -m tools.histories [--details] [PACKAGE…]

Each is downloaded at several versions, the descriptors inside its generated code make an image,
and each version is compared with the next. Needs PyPI; for Go modules the command `go`, which
asks their proxy.
"""

from __future__ import annotations

import argparse
import shutil
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

from tools import go_modules
from tools.packaged import CALLS, Described, comparable, described, described_by
from wireproof.errors import WireproofError
from wireproof.finding import Evidence, Finding, Severity
from wireproof.rules import compare

HISTORIES = {
    "opentelemetry-proto": "1.0.0 1.11.1 1.16.0 1.20.0 1.27.0 1.34.0 1.45.2",
    "googleapis-common-protos": "1.52.0 1.56.0 1.60.0 1.65.0 1.70.0 1.76.0",
    "xds-protos": "1.58.0 1.66.0 1.76.0 1.85.0",
    "qdrant-client": "1.5.0 1.9.0 1.13.0 1.20.0",
    "pymilvus": "2.2.0 2.3.0 2.4.0 2.5.0 3.0.2",
    "flyteidl": "1.5.22 1.10.7 1.13.9 1.16.8",
    "authzed": "0.8.0 0.15.0 1.1.0 1.25.0",
    "livekit-protocol": "0.4.0 0.8.0 1.0.0 1.1.29",
    "clarifai-grpc": "8.0.0 9.0.0 10.0.0 11.0.0 12.6.0",
    "weaviate-client": "4.5.0 4.9.0 4.15.0 4.24.1",
    "temporalio": "1.0.0 1.6.0 1.14.0 1.35.0",
    "cirq-google": "0.12.0 1.0.0 1.3.0 1.7.0",
    "grpc-google-iam-v1": "0.12.4 0.12.7 0.13.1 0.14.6",
    "substrait": "0.9.0 0.15.0 0.20.0",
    "cerbos": "0.10.6 0.13.0 0.16.1",
    "dapr": "1.4.1 1.8.2 1.11.0 1.14.1 1.17.4 1.19.0",
    "flwr": "0.14.0 1.8.0 1.17.0 1.30.0 1.42.0",
    "feast": "0.8.2 0.13.0 0.42.0 0.67.0",
    "chirpstack-api": "3.1.4 3.7.2 3.9.6 4.1.0",
    "momento-wire-types": "0.8.1 0.34.0 0.62.2 0.89.0 0.116.1 0.138.3",
    "ydb": "2.14.0 3.18.0 3.22.4 3.33.2",
    "streamlit": "0.80.0 1.29.0 1.67.0",
    "yandexcloud": "0.210.0 0.309.0 0.413.0",
    "hiero-sdk-python": "0.1.4 0.1.9 0.2.2 0.2.7 0.3.0",
    "modal": "0.56.4504 0.62.177 0.66.25 1.6.4",
    "xai-sdk": "1.0.0 1.4.0 1.10.0 1.15.0 1.21.0",
    "nvidia-riva-client": "2.11.0 2.15.0 2.28.0",
    "snowflake-snowpark-python": "1.26.0 1.43.0 1.56.0",
    "vald-client-python": "0.0.60 1.5.4 1.8.0",
}
BESIDE = dict.fromkeys(("cerbos", "flyteidl"), "protoc-gen-openapiv2==0.0.1")
"""What holds the imports of a package, where it holds them not itself."""
_GOGO = (
    "github.com/gogo/protobuf",
    "github.com/grpc-ecosystem/grpc-gateway/v2",
    "github.com/tonistiigi/fsutil",
    "github.com/planetscale/vtprotobuf",
)
_K8S = ("k8s.io/api", "k8s.io/apimachinery", "github.com/gogo/protobuf")
_ENVOY = (
    "cel.dev/expr",
    "github.com/cncf/xds/go",
    "github.com/envoyproxy/protoc-gen-validate",
    "github.com/prometheus/client_model",
    "go.opentelemetry.io/proto/otlp",
    "google.golang.org/genproto/googleapis/api",
)
_GOOGLE = (
    "cloud.google.com/go/iam",
    "cloud.google.com/go/longrunning",
    "google.golang.org/genproto",
    "google.golang.org/genproto/googleapis/api",
)
_COSMOS = ("github.com/cosmos/cosmos-proto", "github.com/cosmos/gogoproto")
GO_MODULES = {
    "go.etcd.io/etcd/api/v3": ("v3.5.0 v3.5.16 v3.6.0 v3.7.3", _GOGO),
    "k8s.io/api": ("v0.17.0 v0.21.1 v0.25.5 v0.29.0 v0.33.1 v0.37.2", _K8S),
    "istio.io/api": ("v1.20.0 v1.24.2 v1.32.0", _K8S),
    "go.temporal.io/api": ("v1.32.0 v1.44.1 v1.53.0 v1.62.1 v1.64.3", ()),
    "github.com/containerd/containerd/api": ("v1.8.0 v1.10.0 v1.12.0", ()),
    "go.opentelemetry.io/proto/otlp": ("v0.7.0 v0.11.0 v0.16.0 v0.20.0 v1.3.1 v1.11.1", ()),
    "cosmossdk.io/api": ("v0.3.1 v0.4.2 v0.7.5 v0.9.2", _COSMOS),
    "github.com/hashicorp/consul/proto-public": ("v0.2.0 v0.4.0 v0.6.2 v0.8.0", ()),
    "github.com/moby/buildkit": ("v0.12.5 v0.17.3 v0.23.0 v0.29.0 v0.34.2", _GOGO),
    "github.com/sigstore/protobuf-specs": ("v0.3.2 v0.4.1 v0.5.2", _GOOGLE),
    "github.com/cilium/cilium": ("v1.15.6 v1.20.2", _ENVOY),
    "cloud.google.com/go/pubsub": ("v1.27.1 v1.37.0 v1.45.3 v1.52.0", _GOOGLE),
    "cloud.google.com/go/spanner": ("v1.50.0 v1.67.0 v1.87.0 v1.96.1", _GOOGLE),
    "cloud.google.com/go/aiplatform": ("v1.50.0 v1.68.0 v1.102.0", _GOOGLE),
    "github.com/envoyproxy/go-control-plane/envoy": ("v1.32.2 v1.35.0 v1.38.0 v1.40.0", _ENVOY),
}


@dataclass(frozen=True, slots=True)
class Row:
    """What one step of a history came to."""

    package: str
    step: str
    seconds: float
    findings: tuple[Finding, ...]
    left_out: frozenset[str]
    """The files that were not compared."""

    def count(self, *engines: str) -> int:
        errors = (f for f in self.findings if f.severity is Severity.ERROR)
        return sum(set(f.engines) == set(engines) for f in errors)

    def evidence(self, kind: Evidence) -> int:
        return sum(f.evidence is kind for f in self.findings)


def descriptors(wheel: Path) -> Iterator[descriptor_pb2.FileDescriptorProto]:
    """The files that a package's generated modules describe, whatever those are called."""
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            source = archive.read(name) if name.endswith(".py") else b""
            if any(call in source for call in CALLS):
                yield from described(source)


def downloaded(package: str, version: str, folder: Path) -> Described | None:
    """The package's own files and what they import; None where there is no wheel of it."""
    wheel = _wheel(f"{package}=={version}", folder)
    if wheel is None:
        return None
    beside = _wheel(BESIDE[package], folder) if package in BESIDE else None
    imported = descriptors(beside) if beside else ()
    return described_by(f"{package}=={version}", descriptors(wheel), imported)


def _wheel(wanted: str, folder: Path) -> Path | None:
    into = folder / wanted
    done = subprocess.run(
        [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check",
         "--no-deps", "--only-binary=:all:", "--dest", str(into), wanted],
        capture_output=True, check=False,
    )  # fmt: skip
    return None if done.returncode else next(into.glob("*.whl"), None)


def history(name: str, folder: Path) -> Iterator[Row]:
    """One row a step, oldest first; a version that cannot be had or holds nothing is left out.

    A file whose imports are not there in one of the two versions is left out of both.
    """
    for (was, old), (now, new) in pairwise(_versions(name, folder)):
        old_schema, new_schema, left_out = comparable(old, new)
        began = time.perf_counter()
        comparison = compare(old_schema, new_schema)
        spent = time.perf_counter() - began
        yield Row(name, f"{was} → {now}", spent, comparison.findings, left_out)


def _versions(name: str, folder: Path) -> Iterator[tuple[str, Described]]:
    if name in HISTORIES:
        found = ((v, downloaded(name, v, folder)) for v in HISTORIES[name].split())
    else:
        versions, beside = GO_MODULES[name]
        found = ((v, go_modules.downloaded(name, v, beside)) for v in versions.split())
    yield from ((version, one) for version, one in found if one and one.own)


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
    if row.left_out:
        yield f"  left out for want of what they import: {', '.join(sorted(row.left_out))}"
    yield from (f"  {count:5} {' '.join(kind)}" for kind, count in sorted(kinds.items()))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("packages", nargs="*", default=[])
    parser.add_argument("--details", action="store_true", help="list what one engine alone says")
    chosen = parser.parse_args()
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="wireproof-histories-") as folder:
        for package in chosen.packages or (*HISTORIES, *GO_MODULES):
            if package in GO_MODULES and shutil.which("go") is None:
                print(f"{package}: left out, there is no command go to get it", file=sys.stderr)
                continue
            try:
                for row in history(package, Path(folder)):
                    rows.append(row)
                    print(f"{row.package} {row.step}: {row.seconds:.1f} s", file=sys.stderr)
                    if chosen.details:
                        print(f"{row.package} {row.step}", *_details(row), sep="\n")
            except WireproofError as error:
                print(f"{package}: {error}", file=sys.stderr)
    print(_table(rows))


if __name__ == "__main__":
    main()
