"""How many messages a second Wireproof generates, next to what one would write with `st.builds`.

Run it with `python -m benchmarks.bench_strategies`: each round measures every row once, in shuffled
order, in CPU seconds; the medians stand in the table and in `build/bench/strategies.json`.
"""

from __future__ import annotations

import itertools
import json
import platform
import random
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from api.user.v1 import user_pb2
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from wireproof.strategies import invalid_messages, messages
from wireproof.values import schema_of, stream

ROUNDS = 7
EXAMPLES = 400
RESULT = Path("build/bench/strategies.json")

Rate = Callable[[], float]


def naive() -> st.SearchStrategy[Any]:
    """A User as one writes it by hand: every rule kept, every field optional."""
    texts = st.text(max_size=100)
    links = st.builds(
        user_pb2.SocialLink, platform=st.text(max_size=64), url=st.just("https://example.com/a")
    )
    profile = st.builds(
        user_pb2.UserProfile,
        bio=st.none() | texts,
        avatar_url=st.none() | st.just("https://example.com/a"),
        location=st.none() | texts,
        skills=st.lists(st.text(min_size=1, max_size=100), max_size=3, unique=True),
        social_links=st.dictionaries(st.text(min_size=1, max_size=64), links, max_size=3),
    )
    return st.builds(
        user_pb2.User,
        user_id=st.none() | st.from_regex(r"\A[a-zA-Z0-9-]{3,64}\Z"),
        email=st.emails(),
        display_name=st.text(min_size=1, max_size=100),
        status=st.sampled_from(list(user_pb2.UserStatus.values())),
        role=st.sampled_from(list(user_pb2.UserRole.values())),
        metadata=st.dictionaries(st.text(min_size=1, max_size=128), texts, max_size=3),
        profile=st.none() | profile,
    )


def hypothesis_rate(strategy: st.SearchStrategy[Any]) -> Rate:
    """Examples a CPU second of an empty test, the engine's own cost included."""

    def rate() -> float:
        seen = 0

        @settings(
            max_examples=EXAMPLES,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(strategy)
        def test(_: Any) -> None:
            nonlocal seen
            seen += 1

        return _per_second(test, lambda: seen)

    return rate


def stream_rate() -> float:
    """Messages a CPU second of the seeded generator."""
    descriptor: Any = user_pb2.User.DESCRIPTOR
    found = stream(schema_of(descriptor), descriptor, seed=1)
    return _per_second(lambda: list(itertools.islice(found, 2000)), lambda: 2000)


def _per_second(work: Callable[[], object], count: Callable[[], int]) -> float:
    started = time.process_time()
    work()
    return count() / (time.process_time() - started)


def measured(rates: dict[str, Rate]) -> dict[str, float]:
    """The median rate of each, after a round that nobody counts."""
    found: dict[str, list[float]] = {name: [] for name in rates}
    for turn in range(ROUNDS + 1):
        names = list(rates)
        random.Random(turn).shuffle(names)
        for name in names:
            rate = rates[name]()
            if turn:
                found[name].append(rate)
    return {name: statistics.median(all_rates) for name, all_rates in found.items()}


def row(name: str, ours: float, reference: float, goal: str, met: bool) -> dict[str, Any]:
    return {
        "name": name,
        "ours": round(ours, 1),
        "reference": round(reference, 1),
        "unit": "messages/s",
        "ratio": round(ours / reference, 3),
        "goal": goal,
        "met": met,
        "runs": ROUNDS,
    }


def main() -> None:
    rates = measured(
        {
            "valid": hypothesis_rate(messages(user_pb2.User)),
            "shallow": hypothesis_rate(messages(user_pb2.User, depth=0)),
            "invalid": hypothesis_rate(invalid_messages(user_pb2.User)),
            "builds": hypothesis_rate(naive()),
            "floor": hypothesis_rate(st.integers()),
            "seeded": stream_rate,
        }
    )
    builds, floor = rates["builds"], rates["floor"]
    fast = ">= 800 messages/s"
    rows = [
        row("User", rates["valid"], builds, fast, rates["valid"] >= 800),
        row("User without its profile", rates["shallow"], builds, fast, rates["shallow"] >= 800),
        row("User, one rule broken", rates["invalid"], builds, fast, rates["invalid"] >= 800),
        row(
            "User, to the engine's floor",
            rates["valid"],
            floor,
            ">= 0.18",
            rates["valid"] >= 0.18 * floor,
        ),
        row(
            "User, seeded, unshrunk",
            rates["seeded"],
            builds,
            ">= 10",
            rates["seeded"] >= 10 * builds,
        ),
    ]
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps({"machine": platform.platform(), "rows": rows}, indent=2) + "\n")
    for one in rows:
        met = "met" if one["met"] else "NOT MET"
        print(f"{one['ours']:>10} {one['reference']:>10} {one['ratio']:>7} {met:<8} {one['name']}")


if __name__ == "__main__":
    main()
