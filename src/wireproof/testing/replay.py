"""Findings as files that show them again, and the commands that do."""

from __future__ import annotations

import base64
import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.protobuf import json_format

from wireproof.errors import MalformedFile
from wireproof.exchange import Exchange, Style
from wireproof.finding import Finding
from wireproof.testing.options import Phase

FORMAT_VERSION = 1


@dataclass(frozen=True, slots=True)
class Replay:
    """The one trial of a run that showed something."""

    phase: Phase
    method: str
    trial: str
    seed: int
    messages: tuple[bytes, ...] = ()
    """What was sent, where chance made it."""
    kind: str = ""
    """What the messages are, where chance made them."""


def write(folder: Path, replay: Replay, finding: Finding) -> Path:
    """Write what shows *finding* to a file named after it."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{finding.id.lower()}-{finding.fingerprint}.json"
    document = {
        "format_version": FORMAT_VERSION,
        "finding": {"id": finding.id, "subject": finding.subject, "message": finding.message},
        "phase": str(replay.phase),
        "method": replay.method,
        "trial": replay.trial,
        "seed": replay.seed,
        "kind": replay.kind,
        "messages": [base64.b64encode(message).decode() for message in replay.messages],
        "exchange": finding.exchange,
    }
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def read(path: Path) -> Replay:
    """The replay in a file. Raises MalformedFile where it is none."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        return _replay(document)
    except OSError as error:
        raise MalformedFile(str(path), None, error.strerror or str(error)) from None
    except json.JSONDecodeError as error:
        raise MalformedFile(str(path), error.lineno, "it is no JSON") from None
    except (KeyError, TypeError, ValueError, AttributeError):
        raise MalformedFile(str(path), None, "it is no replay of `wireproof test`") from None


def _replay(document: Mapping[str, Any]) -> Replay:
    return Replay(
        phase=Phase(document["phase"]),
        method=str(document["method"]),
        trial=str(document["trial"]),
        seed=int(document["seed"]),
        messages=tuple(base64.b64decode(text) for text in document["messages"]),
        kind=str(document["kind"]),
    )


def commands(target: str, replay: Replay, shown: Exchange | None, path: Path | None) -> list[str]:
    """What to type to see the finding again."""
    if path is not None:
        found = [shlex.join(["wireproof", "test", target, "--replay", str(path)])]
    else:
        words = ["wireproof", "test", target, "--method", replay.method]
        phases = dict.fromkeys((Phase.EXAMPLES, replay.phase))
        words += ["--phases", ",".join(phases), "--seed", str(replay.seed)]
        found = [shlex.join(words)]
    if shown is not None and (curl := _curl(target, shown)):
        found.append(curl)
    return found


def _curl(target: str, x: Exchange) -> str | None:
    """The same call by `buf curl`, where one message can be written as JSON."""
    request = next(x.requests(), None)
    if x.method.style is not Style.UNARY or request is None or target.startswith("unix:"):
        return None
    pool: Any = x.method.request.DESCRIPTOR.file.pool
    try:
        body = json_format.MessageToJson(request, indent=None, descriptor_pool=pool)
    except (ValueError, TypeError):
        return None
    words = ["buf", "curl", "--protocol", "grpc", "--http2-prior-knowledge"]
    for key, value in x.script.metadata:
        words += ["--header", f"{key}: {value!s}"]
    return shlex.join([*words, "--data", body, f"http://{target}{x.method.path}"])
