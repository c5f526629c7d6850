"""`python -m service`: the UserService on a port."""

from __future__ import annotations

import argparse
import asyncio
import importlib.util
import logging
import os
import signal
import sys

os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # what goes wrong is said once, by the service

from typing import TYPE_CHECKING

from service.server import UnusableAddressError, running_server
from service.store.unusable import UnusableDatabaseError
from service.store.urls import KNOWN, MEMORY

if TYPE_CHECKING:
    from collections.abc import Callable


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m service", description="The UserService.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument(
        "--port", type=_port, default=50051, help="0 takes a free one (%(default)s)"
    )
    parser.add_argument(
        "--db", default=MEMORY, help=f"{KNOWN}; default: in memory, lost at the end"
    )
    parser.add_argument(
        "--grace", type=_seconds, default=10.0, help="seconds that calls get to end (%(default)s)"
    )
    return parser


async def serve(host: str, port: int, db: str, grace: float) -> None:
    """Serve until SIGTERM or SIGINT."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for received in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(received, stopped.set)
    async with running_server(db, host=host, port=port, grace=grace) as server:
        print(f"listening on {server.address}", flush=True)  # noqa: T201 (the one line promised)
        await stopped.wait()


def main() -> int:
    asked = arguments().parse_args()
    logging.basicConfig(stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        with asyncio.Runner(loop_factory=_loops()) as runner:
            runner.run(serve(asked.host, asked.port, asked.db, asked.grace))
    except (UnusableAddressError, UnusableDatabaseError) as error:
        sys.stderr.write(f"service: {error}\n")
        return 2
    return 0


def _loops() -> Callable[[], asyncio.AbstractEventLoop] | None:
    if importlib.util.find_spec("uvloop") is None:
        return None
    import uvloop  # where present

    return uvloop.new_event_loop


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: a number from 0 to 65535 is")
    return int(text)


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds <= 3600:
        raise argparse.ArgumentTypeError(f"{text!r} is not between 0 and 3600")
    return seconds


if __name__ == "__main__":
    sys.exit(main())
