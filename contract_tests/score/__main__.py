"""`make score`: every fault, every seed, under every set of names; build/score.json and the tables.

Takes up where it was left: outcomes are kept in build/score/ until the code changes. Two runs at a
time; at most --minutes, after which the rest waits for the next start.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import multiprocessing
import sys
import time
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from pathlib import Path
from typing import Any, TextIO

from contract_tests.faults.names import DISGUISES
from contract_tests.score.runs import ROOT, SEEDS, Outcome, Run, every_run, outcome
from contract_tests.score.table import document, write_tables
from wireproof.errors import WireproofError

BUILD = ROOT / "build"
CODE = ("src/wireproof", "service", "schemas", "contract_tests/faults")


def main() -> int:
    """Run what has not been run yet; 0 where all of it is done, 2 where the time was too short."""
    asked = _arguments()
    names = tuple(asked.names or DISGUISES)
    runs = [
        run
        for run in every_run(names, asked.seeds)
        if not asked.faults or run.fault in asked.faults
    ]
    kept = BUILD / "score" / f"{_digest()}.jsonl"
    kept.parent.mkdir(parents=True, exist_ok=True)
    known = _known(kept)
    try:
        done = all(_each(runs, known, kept, asked))
    except WireproofError as error:
        print(f"{error}; start again to go on", file=sys.stderr)  # noqa: T201 (why it ends)
        done = False
    outcomes = [known[run] for run in runs if run in known]
    score = document(outcomes, complete=done)
    (BUILD / "score.json").write_text(json.dumps(score, indent=1) + "\n", encoding="utf-8")
    if asked.write:
        write_tables(score)
    return 0 if done else 2


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make score", description="The score of the tester.")
    parser.add_argument("--minutes", type=float, default=90.0, help="how long to go on (90)")
    parser.add_argument("--jobs", type=int, default=2, help="runs at a time (2)")
    parser.add_argument("--seeds", type=int, default=SEEDS, help=f"seeds 0 to N-1 ({SEEDS})")
    parser.add_argument("--budget", type=int, default=10_000, help="calls a run (10,000)")
    parser.add_argument("--names", action="append", choices=sorted(DISGUISES), help="default: all")
    parser.add_argument("--write", action="store_true", help="write the tables of the README too")
    parser.add_argument("faults", nargs="*", help="only these faults")
    return parser.parse_args()


def _digest() -> str:
    """What the outcomes depend on."""
    digest = hashlib.sha256()
    for folder in CODE:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".py", ".proto", ".binpb"):
                digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _known(path: Path) -> dict[Run, Outcome]:
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    found = [Outcome(**{**json.loads(line), "by": tuple(json.loads(line)["by"])}) for line in lines]
    return {one.run: one for one in found}


def _each(
    runs: list[Run], known: dict[Run, Outcome], kept: Path, asked: argparse.Namespace
) -> list[bool]:
    """Run the rest; whether each is done."""
    until = time.monotonic() + asked.minutes * 60
    left = [run for run in runs if run not in known]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(asked.jobs, mp_context=context) as pool, kept.open("a") as out:
        waiting: dict[Run, Future[Any]] = {}
        for run in left:
            while len(waiting) >= asked.jobs * 2:
                _take(waiting, known, out)
            if time.monotonic() > until:
                break
            waiting[run] = pool.submit(outcome, run, asked.budget)
        while waiting:
            _take(waiting, known, out)
    return [run in known for run in runs]


def _take(waiting: dict[Run, Future[Any]], known: dict[Run, Outcome], out: TextIO) -> None:
    """Wait for one of the runs, keep and tell its outcome."""
    done, _ = wait(waiting.values(), return_when=FIRST_COMPLETED)
    for run in [run for run, future in waiting.items() if future in done]:
        found = waiting.pop(run).result()
        out.write(json.dumps(found) + "\n")
        out.flush()
        known[run] = one = Outcome(**found)
        said = ", ".join(one.by) or one.stopped or "nothing"
        took = f"{one.first_call} of {one.calls} calls"
        words = f"{len(known)} {run.names} {run.fault} seed {run.seed}: {took}: {said}"
        print(words, file=sys.stderr, flush=True)  # noqa: T201 (progress)


if __name__ == "__main__":
    sys.exit(main())
