"""Observations of pace: what must be let be, and what must be accused of what."""

from __future__ import annotations

from tests.checks.exchanges import A, B, Code, exchange
from tests.exchange.serving import METHODS
from wireproof.checks import observations, pace
from wireproof.exchange import Style

GET, WATCH = METHODS[Style.UNARY], METHODS[Style.SERVER_STREAMING]
STORE, TALK = METHODS[Style.CLIENT_STREAMING], METHODS[Style.BIDIRECTIONAL]
OK, REFUSED = exchange(), exchange(Code.RESOURCE_EXHAUSTED)


def broken(*received: bytes, code: Code = Code.INVALID_ARGUMENT) -> pace.BrokenAfter:
    x = exchange(code, style=Style.BIDIRECTIONAL, received=received)
    return pace.BrokenAfter(TALK, (x,), 2)


HEALTHY: dict[str, observations.Observation] = {
    "replies, then the error": broken(A, B),
    "no error at all": broken(A, code=Code.OK),
    "told early": pace.EarlyEnd(STORE, (REFUSED,), told=True),
    "in lockstep": pace.Lockstep(TALK, (OK,), 3, 3),
    "in the promised order": pace.PromisedOrder(TALK, (OK,), ("a", "b"), ("a", "b")),
    "a slow reader who learns of all": pace.SlowReader(WATCH, (OK,), 20, 20),
    "a limit that tells when": pace.RateLimited(GET, (REFUSED,), True, True),
    "a limit that tells of tomorrow": pace.RateLimited(GET, (REFUSED,), True, None),
}

FAULTY: dict[str, tuple[observations.Observation, set[str]]] = {
    "replies lost to the error": (broken(A), {"DELIVERED_BEFORE_ERROR"}),
    "not told early": (pace.EarlyEnd(STORE, (OK,), told=False), {"EARLY_STATUS_TOLD"}),
    "out of step": (pace.Lockstep(TALK, (OK,), 3, 1), {"LOCKSTEP_KEPT"}),
    "out of the promised order": (
        pace.PromisedOrder(TALK, (OK,), ("a", "b"), ("b", "a")),
        {"PROMISED_ORDER_KEPT"},
    ),
    "a slow reader who misses some": (
        pace.SlowReader(WATCH, (OK,), 20, 7),
        {"SLOW_READER_LOSES_NOTHING"},
    ),
    "a limit that does not tell when": (
        pace.RateLimited(GET, (REFUSED,), False, None),
        {"RATE_LIMIT_TELLS_WHEN"},
    ),
    "a limit that tells wrongly": (
        pace.RateLimited(GET, (REFUSED,), True, False),
        {"RATE_LIMIT_RECOVERS"},
    ),
}
