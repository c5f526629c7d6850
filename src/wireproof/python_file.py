"""Python files that users write for us: run as modules, their mistakes told in one sentence."""

from __future__ import annotations

import importlib.util
import sys
import traceback
from pathlib import Path
from types import ModuleType

from wireproof.errors import MalformedFile


def run_file(path: Path) -> ModuleType:
    """The module that a Python file makes, its own folder importable while it runs.

    Raises MalformedFile where there is no such file or it does not run.
    """
    if not path.is_file():
        raise MalformedFile(str(path), None, "no such file")
    spec = importlib.util.spec_from_file_location(f"wireproof_file_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise MalformedFile(str(path), None, "it is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up there
    folder = str(path.parent.resolve())
    sys.path.insert(0, folder)
    try:
        spec.loader.exec_module(module)
    except Exception as error:  # a user's file may do anything
        reason = f"it does not run: {told(error)}"
        raise MalformedFile(str(path), line_of(error, path), reason) from error
    finally:
        sys.path.remove(folder)
    return module


def line_of(error: Exception, path: Path) -> int | None:
    """The line of *path* at which *error* was raised, where it passed through the file."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == str(path)]
    return getattr(error, "lineno", None) or (lines[-1] if lines else None)


def told(error: Exception) -> str:
    """An exception in words."""
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
