from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from benchmarks.synthetic import Size, edited, image, schema

_TWO_CORES = "import os, threading; from wireproof import beside; beside.cores = lambda: 2\n"


def said(program: str, *, before: str = _TWO_CORES) -> str:
    """What a process without threads prints: those of the test runner would forbid copies."""
    command = [sys.executable, "-c", before + dedent(program)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert not done.stderr
    return done.stdout.strip()


def test_a_large_value_is_computed_by_another_process():
    """
    What is large is begun beside; what is small would only wait for its copy.
    """
    program = """
        here = os.getpid()
        found = [beside.beside(os.getpid, size)() == here for size in (beside.ENOUGH, 1)]
        print(found)
    """
    assert said(program) == "[False, True]"


def test_what_is_shared_keeps_its_order():
    """
    Each share is worked at by one process, and the results stand as the items did.
    """
    program = """
        told = beside.spread(lambda part: [(i, os.getpid()) for i in part], range(1500), list)
        print([i for i, _ in told] == list(range(1500)), len({pid for _, pid in told}))
    """
    assert said(program) == "True 2"


@pytest.mark.parametrize("end", ["os._exit(1)", "os.kill(os.getpid(), 9)", "raise SystemExit"])
def test_what_a_copy_leaves_undone_is_done_here(end: str):
    """
    A copy that dies costs time, never the answer.
    """
    program = f"""
        here = os.getpid()
        def compute():
            if os.getpid() != here:
                {end}
            return "done"
        print(beside.beside(compute, beside.ENOUGH)())
    """
    assert said(program) == "done"


def test_an_error_is_raised_where_the_value_is_asked_for():
    """
    Its kind and its words are those that it has without copies.
    """
    program = """
        try:
            beside.beside(lambda: {}["gone"], beside.ENOUGH)()
        except KeyError as error:
            print(repr(error))
    """
    assert said(program) == "KeyError('gone')"


def test_a_copy_that_nobody_waits_for_is_stopped():
    """
    It leaves no process behind.
    """
    program = """
        value = beside.beside(threading.Event().wait, beside.ENOUGH)
        del value
        try:
            os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            print("none is left")
    """
    assert said(program) == "none is left"


def test_a_process_with_threads_is_not_copied():
    """
    A copy has only the thread that made it, and may wait for the others' locks for ever.
    """
    program = """
        from wireproof import beside
        import threading
        done = threading.Event()
        threading.Thread(target=done.wait).start()
        print(beside.cores())
        done.set()
    """
    assert said(program, before="") == "1"


def test_a_comparison_is_the_same_on_any_number_of_cores(tmp_path: Path):
    """
    The same two versions give the same report, byte for byte.
    """
    whole = schema(3, Size(files=600, messages=1800, fields=5400, rpcs=900))
    (tmp_path / "old.binpb").write_bytes(image(whole))
    (tmp_path / "new.binpb").write_bytes(image(edited(whole, 1.0, 3)))
    reports = {_report(tmp_path, cores) for cores in (1, 2)}
    assert len(reports) == 1
    assert "FIELD_TYPE_CHANGED" in next(iter(reports))


def _report(folder: Path, cores: int) -> str:
    sources = [str(folder / name) for name in ("old.binpb", "new.binpb")]
    program = f"""
        from wireproof import beside
        from wireproof.cli.main import main
        beside.cores = lambda: {cores}
        main(["diff", *{sources}, "--format", "json", "--engine", "wireproof"])
    """
    return said(program, before="")
