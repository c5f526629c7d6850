"""`make bench-compat`: the compatibility engine beside `buf breaking`, on the same images.

Paired runs in shuffled order, medians; memory is the peak resident set of the process. Each side
is a process of its own that reads two images and judges them. Our modules are compiled before,
as pip compiles those that it installs.
"""

from __future__ import annotations

import compileall
import json
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import wireproof
from benchmarks.synthetic import Size, edited, image, schema
from wireproof.schema.buf import buf_path

_OUT = Path("build/bench/compat.json")
_RUNS = int(os.environ.get("BENCH_RUNS", "3"))
_SMALL_RUNS = 9
_SEED = 7


@dataclass(frozen=True, slots=True)
class Run:
    seconds: float
    megabytes: float


def main() -> None:
    """Measure every pair and write the table."""
    compileall.compile_dir(Path(wireproof.__file__).parent, quiet=2)
    with tempfile.TemporaryDirectory(prefix="wireproof-bench-") as name:
        rows = list(_rows(Path(name)))
    document = {"machine": _machine(), "rows": rows}
    _OUT.parent.mkdir(parents=True, exist_ok=True)
    _OUT.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    for row in rows:
        met = "met" if row["met"] else "NOT MET"
        print(
            f"{row['name']:<44} ours {row['ours']:>9} {row['unit']:<3} reference "
            f"{row['reference']!s:>9}  ratio {row['ratio']!s:>7}  goal {row['goal']:<8} {met}"
        )


def _rows(folder: Path) -> list[dict[str, object]]:
    whole = schema(_SEED)
    old = _written(folder, "old", image(whole))
    rows: list[dict[str, object]] = []
    for words, share, goal in (("1 % of the files", 0.01, 0.05), ("every file", 1.0, 0.2)):
        new = _written(folder, f"new{share}", image(edited(whole, share, _SEED)))
        ours, theirs = _paired(_ours(old, new), _buf(old, new), _RUNS)
        rows.append(_row(f"large pair, {words} changed", "s", ours, theirs, goal, _RUNS))
        rows.append(_row(f"large pair, {words} changed", "MB", ours, theirs, 0.2, _RUNS))
    small = schema(_SEED, Size(files=4, messages=20, fields=80, rpcs=8))
    before = _written(folder, "small-old", image(small))
    after = _written(folder, "small-new", image(edited(small, 0.5, _SEED)))
    ours, theirs = _paired(_whole_command(before, after), _buf(before, after), _SMALL_RUNS)
    seconds = statistics.median(run.seconds for run in ours)
    reference = statistics.median(run.seconds for run in theirs)
    rows.append(
        {
            "name": "small pair, whole command, buf joined",
            "ours": round(seconds, 3),
            "reference": round(reference, 3),
            "unit": "s",
            "ratio": round(seconds / reference, 2),
            "goal": "< 0.5 s",
            "met": seconds < 0.5,
            "runs": _SMALL_RUNS,
        }
    )
    return rows


def _row(
    name: str, unit: str, ours: Sequence[Run], theirs: Sequence[Run], goal: float, runs: int
) -> dict[str, object]:
    def middle(side: Sequence[Run]) -> float:
        return statistics.median(r.seconds if unit == "s" else r.megabytes for r in side)

    ratio = middle(ours) / middle(theirs)
    return {
        "name": name,
        "ours": round(middle(ours), 3),
        "reference": round(middle(theirs), 3),
        "unit": unit,
        "ratio": round(ratio, 4),
        "goal": f"<= {goal}",
        "met": ratio <= goal,
        "runs": runs,
    }


def _paired(ours: list[str], theirs: list[str], runs: int) -> tuple[list[Run], list[Run]]:
    found: tuple[list[Run], list[Run]] = ([], [])
    rng = random.Random(_SEED)
    for _ in range(runs):
        order = [(0, ours), (1, theirs)]
        rng.shuffle(order)
        for side, command in order:
            found[side].append(_run(command))
    return found


def _run(command: list[str]) -> Run:
    """One process to its end: its wall time and its peak memory."""
    begun = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1, 100):
        raise SystemExit(f"{command[0]} ended with {process.returncode}")
    return Run(seconds, usage.ru_maxrss / 1024)


def _ours(old: str, new: str) -> list[str]:
    return [*_whole_command(old, new), "--engine", "wireproof"]


def _whole_command(old: str, new: str) -> list[str]:
    return [str(Path(sys.executable).parent / "wireproof"), "diff", old, new, "--format", "json"]


def _buf(old: str, new: str) -> list[str]:
    return [buf_path(), "breaking", new, "--against", old, "--exclude-imports"]


def _written(folder: Path, name: str, data: bytes) -> str:
    path = folder / f"{name}.binpb"
    path.write_bytes(data)
    return str(path)


def _machine() -> str:
    return f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"


if __name__ == "__main__":
    main()
