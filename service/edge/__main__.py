"""`python -m service.edge`: replicas of the UserService behind Envoy."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from service.edge.envoy import Jwt
from service.edge.running import CannotStartError, running_edge

SHARED = ("postgresql://", "postgres://")


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m service.edge",
        description="The UserService behind Envoy: gRPC, gRPC-Web and REST on one port. What is not"
        " listed here is passed on to the replicas (python -m service --help).",
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument("--port", type=int, default=8080, help="0 takes a free one (%(default)s)")
    parser.add_argument("--replicas", type=int, help="default: 2 with PostgreSQL, else 1")
    parser.add_argument("--db", default="sqlite://", help="shared by the replicas (%(default)s)")
    parser.add_argument("--access-log", default="/dev/stdout", help="a file (%(default)s)")
    parser.add_argument("--rate", type=int, default=5_000, help="requests a second (%(default)s)")
    parser.add_argument("--jwks", type=Path, help="keys of tokens that calls must bring")
    parser.add_argument("--issuer", default="", help="of these tokens")
    parser.add_argument("--audience", default="", help="of these tokens")
    parser.add_argument(
        "--plain", action="store_true", help="no TLS between Envoy and the replicas"
    )
    return parser


async def serve(asked: argparse.Namespace, service: list[str]) -> None:
    """Serve until SIGTERM or SIGINT."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for received in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(received, stopped.set)
    jwt = Jwt(asked.jwks, asked.issuer, asked.audience) if asked.jwks else None
    async with running_edge(
        replicas=asked.replicas or (2 if asked.db.startswith(SHARED) else 1),
        service=["--db", asked.db, *service],
        mtls=not asked.plain,
        host=asked.host,
        port=asked.port,
        access_log=asked.access_log,
        rate=asked.rate,
        jwt=jwt,
    ) as edge:
        sys.stdout.write(f"listening on {edge.address}\n")
        sys.stdout.flush()
        await stopped.wait()


def main() -> int:
    parser = arguments()
    asked, service = parser.parse_known_args()
    if (asked.replicas or 1) > 1 and not asked.db.startswith(SHARED):
        parser.error("several replicas need a --db that they can share: postgresql://…")
    if asked.jwks and not (asked.issuer and asked.audience):
        parser.error("--jwks wants --issuer and --audience")
    try:
        asyncio.run(serve(asked, service))
    except CannotStartError as error:
        sys.stderr.write(f"edge: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
