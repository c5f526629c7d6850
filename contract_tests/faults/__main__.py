"""`python -m contract_tests.faults FAULT PORT`: the UserService with one fault."""

from __future__ import annotations

import asyncio
import os
import sys

os.environ.setdefault("GRPC_VERBOSITY", "NONE")

from unittest.mock import patch

from contract_tests.faults.catalogue import BY_ID
from service import server as module
from service.server import running_server
from service.store.urls import MEMORY


async def serve(fault: str, port: int) -> None:
    """Serve until killed."""
    with patch.object(module, "UserServiceV1", BY_ID[fault].servicer):
        async with running_server(MEMORY, host="127.0.0.1", port=port, grace=0.1) as running:
            print(f"listening on {running.address}", flush=True)  # noqa: T201
            await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(sys.argv[1], int(sys.argv[2])))
