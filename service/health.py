"""`python -m service.health [HOST:PORT]`: whether a server answers that it serves, for probes.

Exit codes: 0 it serves, 1 it does not, 2 no address.
"""

from __future__ import annotations

import argparse
import os
import sys
from typing import Any

os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # what is wrong is said once, here

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

PATIENCE = 2.0  # seconds


def status(address: str, service: str, patience: float) -> str:
    """What the server says of itself, or what keeps it from saying it."""
    with grpc.insecure_channel(address) as channel:
        stub: Any = health_pb2_grpc.HealthStub(channel)
        try:
            reply = stub.Check(
                health_pb2.HealthCheckRequest(service=service),
                timeout=patience,
                wait_for_ready=True,
            )
        except grpc.RpcError as error:
            return f"no answer: {error.code().name}"
    return health_pb2.HealthCheckResponse.ServingStatus.Name(reply.status)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m service.health", description="Ask a server whether it serves."
    )
    default = f"127.0.0.1:{os.environ.get('SERVE_HEALTH_PORT') or 50052}"
    parser.add_argument("address", nargs="?", default=default, help="HOST:PORT (%(default)s)")
    parser.add_argument("--service", default="", help="one service of it; default: all in all")
    parser.add_argument(
        "--patience", type=float, default=PATIENCE, help="seconds to wait for it (%(default)s)"
    )
    asked = parser.parse_args()
    found = status(asked.address, asked.service, asked.patience)
    if found == "SERVING":
        return 0
    sys.stderr.write(f"health: {asked.address}: {found}\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
