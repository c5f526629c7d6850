"""`make bench-compat`: the compatibility engine beside `buf breaking`, on the same images.

Paired runs in shuffled order, medians. Each side is a process of its own that reads two images and
judges them, and tells what it found as text, as both do where nobody asks otherwise; ours also as
JSON, with the schemas' digests in it. Memory is that of the JSON report, and measured in a run of
its own, so that measuring costs no time: the most that the process and those it starts hold at
once, what several of them share counted once. (The peak that `wait4` tells is no less than what its
parent held when it started the process.) Our modules are compiled before, as pip compiles those
that it installs.
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
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

import wireproof
from benchmarks.synthetic import Size, edited, image, schema
from wireproof.schema.buf import buf_path

_OUT = Path("build/bench/compat.json")
_RUNS = int(os.environ.get("BENCH_RUNS", "3"))
_SMALL_RUNS = 9
_SEED = 7
_GLANCE = 0.05
"""Seconds between two looks at the memory that is held."""


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
            f"{row['name']:<48} ours {row['ours']:>9} {row['unit']:<3} reference "
            f"{row['reference']!s:>9}  ratio {row['ratio']!s:>7}  goal {row['goal']:<8} {met}"
        )


def _rows(folder: Path) -> list[dict[str, object]]:
    whole = schema(_SEED)
    old = _written(folder, "old", image(whole))
    rows: list[dict[str, object]] = []
    for words, share, goal in (("1 % of the files", 0.01, 0.05), ("every file", 1.0, 0.2)):
        new = _written(folder, f"new{share}", image(edited(whole, share, _SEED)))
        row, reference = f"large pair, {words} changed", _buf(old, new)
        text, as_json = (_ours(old, new, form) for form in ("text", "json"))
        *ours, theirs = _medians((text, as_json, reference), _RUNS)
        for name, seconds in zip((row, f"{row}, JSON"), ours, strict=True):
            rows.append(_row(name, "s", seconds, theirs, goal, _RUNS))
        rows.append(_row(row, "MB", _memory(as_json), _memory(reference), 0.2, 1))
    small = schema(_SEED, Size(files=4, messages=20, fields=80, rpcs=8))
    before = _written(folder, "small-old", image(small))
    after = _written(folder, "small-new", image(edited(small, 0.5, _SEED)))
    sides = _whole_command(before, after, "text"), _buf(before, after)
    seconds, theirs = _medians(sides, _SMALL_RUNS)
    rows.append(
        {
            "name": "small pair, whole command, buf joined",
            "ours": round(seconds, 3),
            "reference": round(theirs, 3),
            "unit": "s",
            "ratio": round(seconds / theirs, 2),
            "goal": "< 0.5 s",
            "met": seconds < 0.5,
            "runs": _SMALL_RUNS,
        }
    )
    return rows


def _row(
    name: str, unit: str, ours: float, theirs: float, goal: float, runs: int
) -> dict[str, object]:
    return {
        "name": name,
        "ours": round(ours, 3),
        "reference": round(theirs, 3),
        "unit": unit,
        "ratio": round(ours / theirs, 4),
        "goal": f"<= {goal}",
        "met": ours / theirs <= goal,
        "runs": runs,
    }


def _medians(sides: Sequence[list[str]], runs: int) -> list[float]:
    """The median wall time of each side, in seconds."""
    found: list[list[float]] = [[] for _ in sides]
    rng = random.Random(_SEED)
    for _ in range(runs):
        for side in rng.sample(range(len(sides)), len(sides)):
            begun = time.perf_counter()
            _done(_started(sides[side]))
            found[side].append(time.perf_counter() - begun)
    return [statistics.median(times) for times in found]


def _memory(command: list[str]) -> float:
    """The most memory that *command* and those it starts hold at once, in MB."""
    process = _started(command)
    most = 0.0
    while process.poll() is None:
        most = max(most, sum(map(_held, _session(process.pid))))
        time.sleep(_GLANCE)
    _done(process)
    return most


def _started(command: list[str]) -> subprocess.Popen[bytes]:
    """*command* at work, in a session of its own by which those that it starts are known."""
    nowhere = subprocess.DEVNULL
    return subprocess.Popen(command, stdout=nowhere, stderr=nowhere, start_new_session=True)


def _done(process: subprocess.Popen[bytes]) -> None:
    if process.wait() not in (0, 1, 100):
        raise SystemExit(f"{process.args!r} ended with {process.returncode}")


def _session(leader: int) -> Iterator[Path]:
    """The processes of a session."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if int((process / "stat").read_text().rpartition(")")[2].split()[3]) == leader:
                yield process


def _held(process: Path) -> float:
    """The memory of a process in MB, its share of what it has in common with others."""
    with suppress(OSError):
        rollup = (process / "smaps_rollup").read_text()
        return int(rollup.split("Pss:")[1].split()[0]) / 1024
    return 0.0


def _ours(old: str, new: str, form: str) -> list[str]:
    return [*_whole_command(old, new, form), "--engine", "wireproof"]


def _whole_command(old: str, new: str, form: str) -> list[str]:
    command = str(Path(sys.executable).parent / "wireproof")
    return [command, "diff", old, new, "--format", form]


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
