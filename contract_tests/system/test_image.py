"""What the image is made of, put together without Docker: its packages, folders, variables."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.system

ROOT = Path(__file__).parents[2]
BUILD, IMAGE = re.sub(r"\\\n", " ", (ROOT / "deploy/Dockerfile").read_text()).split("\nFROM ")[1:]
FREE = {"SERVE_PORT": "0", "SERVE_HEALTH_PORT": "0", "SERVE_METRICS_PORT": "0"}


def instructions(stage: str, name: str) -> list[str]:
    """What follows an instruction, wherever it stands."""
    return re.findall(rf"^{name} (.*)$", stage, re.MULTILINE)


def command(text: str) -> list[str]:
    """A command in the form that needs no shell."""
    found: list[str] = json.loads(text[text.index("[") :])
    return found


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root of the image's files, as the Dockerfile's own lines fill it."""
    root = tmp_path_factory.mktemp("image")
    (packages,) = re.findall(r"pip install (--no-cache-dir --require-hashes -r \S+)", BUILD)
    venv = root / "opt/service"
    subprocess.run([sys.executable, "-m", "venv", venv], check=True)
    pip = [str(venv / "bin/pip"), "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, *packages.split()], cwd=ROOT, check=True)
    for line in instructions(IMAGE, "COPY"):
        source, target = line.removeprefix("--from=build ").split()
        if source.startswith("/src/"):
            shutil.copytree(ROOT / source.removeprefix("/src/"), root / target.lstrip("/"))
    return root


def variables(image: Path) -> dict[str, str]:
    """Those of the image, about files where they are here."""
    (line,) = instructions(IMAGE, "ENV")
    found = dict(pair.split("=", 1) for pair in line.split())
    for name in ("PATH", "PYTHONPATH"):
        found[name] = re.sub(r"/(opt|app)\b", rf"{image}/\1", found[name]).removesuffix(":$PATH")
    return found


def run(image: Path, words: list[str], **changes: str) -> subprocess.Popen[str]:
    """A command as the container would run it, for at most a minute."""
    (folder,) = instructions(IMAGE, "WORKDIR")
    program = shutil.which(words[0], path=variables(image)["PATH"])
    assert program, words
    return subprocess.Popen(
        [program, *words[1:]],
        cwd=image / folder.lstrip("/"),
        env=variables(image) | changes,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_what_the_image_holds_is_enough_to_serve(image: Path) -> None:
    """
    Nothing else of the repository is needed; the probe of the image says so, and SIGTERM ends it.
    """
    (entry,), (probe,) = instructions(IMAGE, "ENTRYPOINT"), instructions(IMAGE, "HEALTHCHECK")
    served = run(image, command(entry), **FREE, SERVE_INSECURE="true", SERVE_HOST="127.0.0.1")
    assert served.stdout
    assert served.stderr
    try:
        health = next(line for line in served.stderr if "health on" in line).split()[-1]
        assert served.stdout.readline().startswith("listening on 127.0.0.1:")
        port = health.rpartition(":")[2]
        asked = run(image, [*command(probe), "--patience", "60"], SERVE_HEALTH_PORT=port)
        assert asked.communicate(timeout=60) == ("", "")
        assert asked.returncode == 0
    finally:
        served.terminate()
        assert served.wait(60) == 0


def test_the_image_serves_nobody_openly_unless_told_so(image: Path) -> None:
    """
    As it comes, it listens to other machines: without --auth and --tls-cert it says why not.
    """
    (entry,) = instructions(IMAGE, "ENTRYPOINT")
    refused = run(image, command(entry), **FREE)
    said = refused.communicate(timeout=60)[1]
    assert (refused.returncode, "--insecure" in said) == (2, True)
