"""Compare sources: two versions, or a history, oldest first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from wireproof.finding import Surface
from wireproof.rules.engine import Comparison, compare
from wireproof.schema.source import load


def compare_sources(
    sources: Sequence[str],
    *,
    mode: str = "rpc",
    profile: str = "bytes",
    surfaces: Iterable[Surface] | None = None,
    deploy: str = "any",
    engines: tuple[str, ...] = ("buf", "wireproof"),
    root: Path | None = None,
) -> Comparison:
    """Load *sources* side by side and compare the first with the last."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        schemas = list(pool.map(lambda source: load(source, root=root), sources))
    return compare(
        schemas[0],
        schemas[-1],
        mode=mode,
        profile=profile,
        surfaces=surfaces,
        deploy=deploy,
        engines=engines,
    )
