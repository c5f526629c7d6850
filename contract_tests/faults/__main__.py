"""`python -m contract_tests.faults FAULT PORT [NAMES]`: the UserService with one fault.

Without arguments, one after the other as its standard input asks: a line `FAULT NAMES` is answered
with the address of a fresh service; the next line ends it.
"""

from __future__ import annotations

import asyncio
import os
import sys

os.environ.setdefault("GRPC_VERBOSITY", "NONE")

from contract_tests.faults.catalogue import BY_ID
from contract_tests.faults.fault import served
from contract_tests.faults.names import DISGUISES
from contract_tests.service import tokens


async def serve(fault: str, port: int, names: str = "user") -> None:
    """Serve until killed."""
    async with served(BY_ID[fault], DISGUISES[names], port) as address:
        print(f"listening on {address}", flush=True)  # noqa: T201
        await asyncio.Event().wait()


async def serve_in_turn() -> None:
    """Serve what each line asks for, to whom the tests' tokens prove, until the next line."""
    os.environ[tokens.VARIABLE] = tokens.SECRET
    line = await asyncio.to_thread(sys.stdin.readline)
    while words := line.split():
        async with served(BY_ID[words[0]], DISGUISES[words[1]], auth=(tokens.HS256,)) as address:
            print(address, flush=True)  # noqa: T201
            line = await asyncio.to_thread(sys.stdin.readline)


if __name__ == "__main__":
    asyncio.run(
        serve(sys.argv[1], int(sys.argv[2]), *sys.argv[3:]) if sys.argv[1:] else serve_in_turn()
    )
