"""`python -m service`: the UserService on a port."""

from __future__ import annotations

import asyncio
import gc
import importlib.util
import os
import signal
import sys

os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # what goes wrong is said once, by the service

from typing import TYPE_CHECKING

from service import transport
from service.observe import logs
from service.server import UnusableAddressError, running_server
from service.settings import Settings, UnusableSettingError, read
from service.store.unusable import UnusableDatabaseError

if TYPE_CHECKING:
    from collections.abc import Callable

# Seconds that a thread waits for the interpreter: a commit of SQLite is made in one, and at
# Python's 5 ms it would be longer in saying so than in doing it.
SWITCH = 0.0002

UNUSABLE = (UnusableAddressError, UnusableDatabaseError, UnusableSettingError)


async def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for received in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(received, stopped.set)
    async with running_server(settings=settings) as server:
        for line in warnings(settings):
            sys.stderr.write(f"service: {line}\n")
        if server.health_address:
            sys.stderr.write(f"service: health on {server.health_address}\n")
        if server.metrics_address:
            sys.stderr.write(f"service: metrics on http://{server.metrics_address}/metrics\n")
        gc.freeze()  # what start-up made stays: no collection need look at it again
        sys.setswitchinterval(SWITCH)
        print(f"listening on {server.address}", flush=True)  # noqa: T201 (the one line promised)
        await stopped.wait()


def warnings(settings: Settings) -> list[str]:
    """What whoever starts it should know of its safety."""
    whom = "this machine" if transport.loopback(settings.host) else "OTHER MACHINES"
    found: list[str] = []
    if settings.development:
        found.append(f"callers are NOT AUTHENTICATED, anyone on {whom} may do anything (--auth)")
    if not settings.tls_cert:
        found.append(f"connections are NOT ENCRYPTED, for use on {whom} (--tls-cert)")
    return found


def main() -> int:
    settings = read(sys.argv[1:], os.environ)
    logs.to_stderr(settings.log_level)
    try:
        transport.require_safe(settings)
        with asyncio.Runner(loop_factory=_loops()) as runner:
            runner.run(serve(settings))
    except UNUSABLE as error:
        sys.stderr.write(f"service: {error}\n")
        return 2
    return 0


def _loops() -> Callable[[], asyncio.AbstractEventLoop] | None:
    if importlib.util.find_spec("uvloop") is None:
        return None
    import uvloop  # where present

    return uvloop.new_event_loop


if __name__ == "__main__":
    sys.exit(main())
