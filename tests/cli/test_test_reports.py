"""The reports of `wireproof test`: formats and files, baselines, required coverage, shards."""

from __future__ import annotations

import datetime as dt
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cli.test_test import exit_of, image, run
from tests.testing.test_runner import Broken, Undying
from tests.testing.zoo import Zoo, open_zoo

__all__ = ["image"]  # a fixture


def report_of(kind: type[Zoo], image: str, tmp_path: Path, *words: str) -> dict[str, Any]:
    path = tmp_path / "report.json"
    exit_of(kind, image, tmp_path, "--format", "json", "--output", str(path), *words)
    document: dict[str, Any] = json.loads(path.read_text())
    return document


class Page(HTMLParser):
    """The tags and the text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.words.append(data)


def test_several_reports_of_one_run(image, tmp_path, capsys):
    """
    Text on stdout, the others in their files, all of the same run.
    """
    files = [tmp_path / name for name in ("out/report.html", "out/report.json", "out/report.xml")]
    shapes = ("html", "json", "junit")
    pairs = [
        w for s, f in zip(shapes, files, strict=True) for w in ("--format", s, "--output", str(f))
    ]
    assert exit_of(Broken, image, tmp_path, *pairs, "--format", "text") == 1
    assert "error SERVER_FAULT" in capsys.readouterr().out
    assert all("SERVER_FAULT" in file.read_text() for file in files)


def test_text_tells_the_calls_before_the_last(image, tmp_path, capsys):
    """
    A line each: what was asked and how it was answered.
    """
    assert exit_of(Undying, image, tmp_path, "--profile", "grpc,aip") == 1
    shown = capsys.readouterr().out
    finding = next(part for part in shown.split("\n\n") if "error DELETE_REMOVES" in part)
    earlier = [line.split() for line in finding.splitlines() if line.startswith("  after ")]
    assert [line[1] for line in earlier] == ["AddBeast", "RemoveBeast", "FetchBeast"]
    assert all(line[line.index("→") + 1] == "OK" for line in earlier)


def test_the_name_of_a_file_tells_its_format(image, tmp_path, capsys):
    """
    Nobody says twice what they have said once; text still goes to stdout.
    """
    page, data = tmp_path / "report.html", tmp_path / "report.json"
    assert exit_of(Broken, image, tmp_path, "--output", str(page), "--output", str(data)) == 1
    assert "error SERVER_FAULT" in capsys.readouterr().out
    assert page.read_text().startswith("<!doctype html>")
    assert json.loads(data.read_text())["format_version"] == 1


@pytest.mark.parametrize(
    "words",
    [
        ("--format", "json", "--format", "html"),
        ("--output", "a", "--output", "b"),
        ("--update-baseline",),
        ("--shard", "3/2"),
        ("--require-coverage", "lines=90"),
        ("--require-coverage", "most"),
        ("--header-from-env", "authorization=NO_SUCH_VARIABLE"),
        ("--engine", "ray://127.0.0.1:1"),
    ],
)
def test_options_that_make_no_sense_are_refused(image, tmp_path, words, capsys):
    """
    Exit 2, a sentence, and nothing on stdout.
    """
    assert exit_of(Zoo, image, tmp_path, *words) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert words[0].lstrip("-")[:6] in told.err


def test_the_page_needs_nothing_but_itself(image, tmp_path):
    """
    One file: no script, nothing to load; a language, a title, headings for who cannot see it.
    """
    path = tmp_path / "report.html"
    exit_of(Broken, image, tmp_path, "--format", "html", "--output", str(path))
    page = Page(path.read_text())
    names = [name for name, _ in page.tags]
    assert not {"script", "link", "img", "iframe"} & set(names)
    assert not re.search(r"url\(|@import|https?://", path.read_text().partition("</style>")[0])
    assert ("html", {"lang": "en"}) in page.tags
    assert {"title", "main", "h1", "h2", "table"} <= set(names)
    assert "prefers-color-scheme: dark" in path.read_text()


def test_the_page_draws_the_call_as_a_sequence(image, tmp_path):
    """
    What was sent, then the status that came back.
    """
    path = tmp_path / "report.html"
    exit_of(Broken, image, tmp_path, "--format", "html", "--output", str(path))
    page = Page(path.read_text())
    kinds = [str(given.get("class")) for name, given in page.tags if name == "li"]
    arrows = [kind.split()[0] for kind in kinds if kind.split()[0] in ("send", "note", "status")]
    assert arrows == ["send", "note", "status"]
    assert any("INTERNAL it broke" in words for words in page.words)


class Spiteful(Zoo):
    """Answers with what a page must not take for its own."""

    def fetch_beast(self, request, context):  # noqa: ARG002 - a handler
        context.abort(13, "<script>alert(1)</script>")


def test_what_a_server_says_is_text_in_the_page(image, tmp_path):
    """
    A hostile server cannot write into the report.
    """
    path = tmp_path / "report.html"
    with open_zoo(Spiteful) as (address, _):
        words = ("--schema", image, "--replays", str(tmp_path), "--format", "html")
        run(address, *words, "--phases", "examples", "--output", str(path))
    assert "script" not in [name for name, _ in Page(path.read_text()).tags]


def test_latencies_stand_with_each_method(image, tmp_path):
    """
    In milliseconds, growing from the median to the longest.
    """
    methods = report_of(Zoo, image, tmp_path)["methods"]
    assert methods
    for method in methods:
        p50, p95, p99, longest = (method["latency_ms"][k] for k in ("p50", "p95", "p99", "max"))
        assert 0 < p50 <= p95 <= p99 <= longest


def test_coverage_names_what_was_missed(image, tmp_path):
    """
    Reached and missed make all there is; a run of the examples alone leaves fields unset.
    """
    rows = report_of(Zoo, image, tmp_path)["coverage"]["zoo.Zoo.SearchBeasts"]
    fields = rows["fields"]
    assert fields["reached"] + len(fields["missed"]) == fields["all"] == 4
    assert rows["status_codes"]["seen"] == ["INVALID_ARGUMENT", "OK"]


def test_a_baseline_lets_known_findings_pass(image, tmp_path, capsys):
    """
    Taken down once, they no longer stop; a new one would.
    """
    path = tmp_path / "known.yaml"
    words = ("--baseline", str(path))
    assert exit_of(Broken, image, tmp_path, *words, "--update-baseline") == 0
    assert exit_of(Broken, image, tmp_path, *words) == 0
    assert "known until" in capsys.readouterr().out
    (entry,) = yaml.safe_load(path.read_text())["known"]
    assert (entry["id"], entry["subject"]) == ("SERVER_FAULT", "zoo.Zoo.FetchBeast")


def test_a_known_finding_counts_again_after_its_day(image, tmp_path):
    """
    A baseline is a debt with a date.
    """
    path = tmp_path / "known.yaml"
    exit_of(Broken, image, tmp_path, "--baseline", str(path), "--update-baseline")
    said = yaml.safe_load(path.read_text())
    said["known"][0]["expires"] = dt.date(2020, 1, 1)
    path.write_text(yaml.safe_dump(said))
    assert exit_of(Broken, image, tmp_path, "--baseline", str(path)) == 1


def test_a_known_finding_that_no_longer_appears_is_told(image, tmp_path, capsys):
    """
    Whoever mended it should take it off the list.
    """
    path = tmp_path / "known.yaml"
    exit_of(Broken, image, tmp_path, "--baseline", str(path), "--update-baseline")
    capsys.readouterr()
    assert exit_of(Zoo, image, tmp_path, "--baseline", str(path)) == 0
    assert "no longer found: SERVER_FAULT zoo.Zoo.FetchBeast" in capsys.readouterr().out
    assert exit_of(Zoo, image, tmp_path, "--baseline", str(path), "--update-baseline") == 0
    assert yaml.safe_load(path.read_text()) == {"known": []}


def test_a_baseline_that_is_none_is_refused(image, tmp_path, capsys):
    """
    By its name, with what it should hold.
    """
    path = tmp_path / "known.yaml"
    path.write_text("- nothing\n")
    assert exit_of(Zoo, image, tmp_path, "--baseline", str(path)) == 2
    assert "no baseline" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("wanted", "code"), [("methods=100", 0), ("0", 0), ("fields=0,rules=0", 0), ("100", 1)]
)
def test_required_coverage_decides(image, tmp_path, wanted, code):
    """
    The zoo answers every method OK, and the examples reach part of its schema.
    """
    words = ("--require-coverage", wanted, "--phases", "examples")
    assert exit_of(Zoo, image, tmp_path, *words) == code


def test_headers_come_from_the_environment_too(image, tmp_path, monkeypatch):
    """
    A secret on the command line is seen by everybody on the machine.
    """
    seen: list[dict[str, Any]] = []

    class Noting(Zoo):
        def fetch_beast(self, request, context):
            seen.append(dict(context.invocation_metadata()))
            return super().fetch_beast(request, context)

    monkeypatch.setenv("TOKEN", "t-1")
    monkeypatch.setenv("WIREPROOF_HEADERS", "x-one: 1\nx-two: 2\n")
    exit_of(Noting, image, tmp_path, "--header-from-env", "x-tenant=TOKEN")
    sent = ("t-1", "1", "2")
    assert {(s.get("x-tenant"), s.get("x-one"), s.get("x-two")) for s in seen} == {sent}


def test_shards_make_the_whole_between_them(image, tmp_path, capsys):
    """
    Three parts in CI jobs, joined: the finding once, the calls summed, all methods there.
    """
    parts = []
    for shard in ("1/3", "2/3", "3/3"):
        path = tmp_path / f"{shard[0]}.json"
        words = ("--shard", shard, "--format", "json", "--output", str(path))
        exit_of(Broken, image, tmp_path, *words)
        parts.append(path)
    capsys.readouterr()
    assert run("--merge", *map(str, parts), "--format", "json") == 1
    whole = json.loads(capsys.readouterr().out)
    each = [json.loads(path.read_text()) for path in parts]
    assert whole["calls"] == sum(part["calls"] for part in each)
    assert [f["id"] for f in whole["findings"]] == ["SERVER_FAULT"]
    assert len(whole["methods"]) == 5
    for method, rows in whole["coverage"].items():
        reached = [part["coverage"][method]["fields"]["reached"] for part in each]
        assert rows["fields"]["reached"] >= max(reached)


@pytest.mark.parametrize(
    ("chosen", "sentence"),
    [((1, 1), "given twice"), ((1,), "shard 2/2 is missing")],
)
def test_shards_that_are_not_the_whole_are_refused(image, tmp_path, chosen, sentence, capsys):
    """
    A lost job must not look like a green run.
    """
    for shard in (1, 2):
        words = (
            "--shard",
            f"{shard}/2",
            "--format",
            "json",
            "--output",
            str(tmp_path / f"{shard}"),
        )
        exit_of(Zoo, image, tmp_path, *words, "--phases", "examples")
    capsys.readouterr()
    assert run("--merge", *(str(tmp_path / f"{shard}") for shard in chosen)) == 2
    assert sentence in capsys.readouterr().err


def test_what_is_no_report_is_not_merged(tmp_path, capsys):
    """
    Told by its name.
    """
    path = tmp_path / "other.json"
    path.write_text("{}")
    assert run("--merge", str(path)) == 2
    assert "other.json" in capsys.readouterr().err
