"""The tester next to schemathesis: the same methods of the same service behind the same Envoy.

Needs what `make test-system` installs.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from contract_tests.edge import EdgeProcess, edge_process
from wireproof.schema.source import load
from wireproof.testing import Options, Phase, run_tests

BIN = Path(sys.executable).parent
UNARY = ("CreateUser", "GetUser", "ListUsers", "UpdateUser", "DeleteUser")
SERVICE = "api.user.v1.UserService"
EXAMPLES = 100  # an operation
AT_ONCE = 16


def rates(calls: int) -> tuple[float, float]:
    """Requests a second: ours over gRPC, schemathesis's over REST."""
    with edge_process() as edge:
        ours = _ours(edge, calls)
    with edge_process() as edge, tempfile.TemporaryDirectory() as folder:
        reference = _schemathesis(edge, Path(folder))
    return ours, reference


def _ours(edge: EdgeProcess, calls: int) -> float:
    schema = load("schemas")  # the edge lets no reflection through
    options = Options(
        phases=(Phase.EXAMPLES, Phase.FUZZING),
        services=(SERVICE,),
        methods=UNARY,
        workers=AT_ONCE,
        max_calls=calls,
        max_time=3600,
    )
    report = run_tests(edge.address, schema, options)
    return report.calls / report.duration_s


def _schemathesis(edge: EdgeProcess, folder: Path) -> float:
    """Its cases by the time of its run; what it takes to start does not count."""
    document = folder / "openapi.json"
    subprocess.run([BIN / "wireproof", "openapi", "schemas", "-o", document], check=True)
    chosen = folder / "chosen.json"
    chosen.write_text(json.dumps(_unary(json.loads(document.read_text()))))
    began = time.perf_counter()
    subprocess.run([BIN / "schemathesis", "run", "--help"], capture_output=True, check=True)
    start = time.perf_counter() - began
    cases, took = _run(edge, chosen, EXAMPLES)
    return cases / (took - start)


def _unary(document: dict[str, object]) -> dict[str, object]:
    """The document with the unary methods of v1 alone."""
    wanted = {f"{SERVICE}.{name}".replace(".", "_") for name in UNARY}
    paths = {
        path: {verb: op for verb, op in item.items() if op.get("operationId") in wanted}
        for path, item in document["paths"].items()  # type: ignore[attr-defined]
    }
    kept = {path: item for path, item in paths.items() if item}
    assert sum(map(len, kept.values())) >= len(UNARY), sorted(wanted)
    return {**document, "paths": kept}


def _run(edge: EdgeProcess, document: Path, examples: int) -> tuple[int, float]:
    """How many requests, in how many seconds."""
    command = [BIN / "schemathesis", "run", document, "--url", edge.url, "--no-color"]
    command += [
        "--phases",
        "fuzzing",
        "--max-examples",
        str(examples),
        "--seed",
        "1",
        "--continue-on-failure",
    ]
    began = time.perf_counter()
    done = subprocess.run(command, cwd=document.parent, capture_output=True, text=True, check=False)
    took = time.perf_counter() - began
    generated = re.search(r"(\d+) generated", done.stdout)
    assert generated is not None, done.stdout + done.stderr
    return int(generated[1]), took
