"""The order in which a call meets the layers, decided here alone.

1. Company: calls that come together are served together, which makes all below cheaper.
2. Recovery: whatever the others raise leaves as a status.
3. Naming: the request id, which all below may tell.
4. Tracing, 5. Observing (metrics and logs): they see every call, refused ones too.
6. Counting: the messages of streams.
7. Draining: a server that stops takes nothing more on.
8. Deadlines: everything below happens within the time.
9. Concurrency: a busy server refuses before it has spent anything on the call.
10. Authentication: who calls.
11. Rate: by caller, so after it; before any work on the request.
12. Decoding: bytes that are no request.
13. Authorization: may this caller do this; before validation, which the servicer begins with, so
    that who may not ask learns nothing from the answer.
14. Compression: the reply, on its way out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.interceptors.company import Company
from service.interceptors.compression import Compression
from service.interceptors.deadlines import Deadlines
from service.interceptors.decoding import Decoding
from service.interceptors.identity import Authentication, Authorization
from service.interceptors.limits import Concurrency, Rate
from service.interceptors.naming import Naming
from service.interceptors.observing import Observing
from service.interceptors.recovery import Recovery
from service.observe.metrics import Counting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from service.callers import Authenticator
    from service.interceptors.buckets import Limiter
    from service.interceptors.draining import Draining
    from service.interceptors.handlers import Layer
    from service.observe.logs import Logging
    from service.observe.metrics import Metrics
    from service.observe.tracing import Tracing
    from service.settings import Settings


@dataclass(frozen=True, slots=True)
class Parts:
    """What layers share with the server around them."""

    draining: Draining
    metrics: Metrics
    tracing: Tracing
    logging: Logging
    kinds: Sequence[Authenticator]
    limiter: Limiter | None


def layers(settings: Settings, parts: Parts) -> tuple[Layer, ...]:
    """The layers, the outermost first."""
    return (
        Company(),
        Recovery(debug=settings.debug_errors),
        Naming(),
        parts.tracing,
        Observing(parts.metrics, parts.logging),
        Counting(parts.metrics),
        parts.draining,
        Deadlines(settings),
        Concurrency(settings),
        Authentication(parts.kinds),
        Rate(parts.limiter),
        Decoding(),
        Authorization(),
        Compression(settings),
    )
