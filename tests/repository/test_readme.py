"""What the README shows runs as it stands there."""

from __future__ import annotations

import re
from pathlib import Path

pytest_plugins = ["pytester"]
ROOT = Path(__file__).parents[2]
PYTHON = re.compile(r"```python\n(.*?)```", re.DOTALL)


def test_the_example_of_the_strategies_runs(pytester):
    """
    Two Hypothesis tests over a message of generated code, as a reader would paste them.
    """
    blocks = PYTHON.findall((ROOT / "README.md").read_text())
    (example,) = [block for block in blocks if "wireproof.strategies import" in block]
    pytester.makepyfile(test_example=example)
    plain = ("-p", "no:cacheprovider", "-p", "no:asyncio", "-p", "no:xdist")
    pytester.runpytest_subprocess(*plain).assert_outcomes(passed=2)
