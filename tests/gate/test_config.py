"""wireproof.yaml is read, and every mistake in it is one sentence."""

from __future__ import annotations

import pytest

from wireproof.checks import Profile
from wireproof.errors import MalformedFile
from wireproof.finding import Severity
from wireproof.gate.config import Config, ServiceConfig, read_config
from wireproof.lint.policy import LintPolicy
from wireproof.verdict import Policy


def test_no_file_means_one_module_and_the_default_policy(tmp_path):
    assert read_config(tmp_path) == Config(tmp_path)


def test_everything_that_can_be_said(tmp_path):
    (tmp_path / "wireproof.yaml").write_text(
        """
        modules: [schemas]
        base: trunk
        severities: {FIELD_RENAMED: warning}
        fail_on: warning
        engines: [buf]
        promises: [my.data_class]
        stored: [my.events.*]
        lint: {use: [REQUEST_UNBOUNDED], except: [PAGE_FIELDS_UNPAIRED]}
        services:
          - start: ./serve --port {port}
            contracts: [contracts/*.yaml]
            states: states.py
            profile: [grpc, aip]
            seed: 7
            max_calls: 200
            headers: ["authorization: Bearer x"]
        """
    )
    assert read_config(tmp_path) == Config(
        root=tmp_path,
        modules=("schemas",),
        base="trunk",
        lint=LintPolicy(("REQUEST_UNBOUNDED",), ("PAGE_FIELDS_UNPAIRED",)),
        promises=("my.data_class",),
        stored=("my.events.*",),
        policy=Policy({"FIELD_RENAMED": Severity.WARNING}, Severity.WARNING, ("buf",)),
        services=(
            ServiceConfig(
                start="./serve --port {port}",
                contracts=("contracts/*.yaml",),
                states="states.py",
                profile=(Profile.GRPC, Profile.AIP),
                seed=7,
                max_calls=200,
                headers=("authorization: Bearer x",),
            ),
        ),
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", r"wireproof.yaml:\d+: it is no valid YAML"),
        ("- a", "the file must be a mapping"),
        ("lint: {use: [REQUEST_UNBOUNDD]}", "did you mean REQUEST_UNBOUNDED?"),
        ("stored: my.events", "stored must be a list of texts"),
        ("module: [a]", "no setting 'module'; did you mean modules?"),
        ("modules: schemas", "modules must be a list of texts, not 'schemas'"),
        ("fail_on: never", "fail_on must be error or warning or info, not 'never'"),
        ("services: [{}]", r"services\[0\] needs either start .* or target"),
        ("services: [{start: ./serve}]", r"start must say where the port goes"),
        ("services: [{target: 'a:1', seed: -1}]", r"services\[0\].seed must be a whole number"),
        ("services: [{target: 'a:1', profiles: []}]", r"did you mean services\[0\].profile\?"),
    ],
)
def test_a_mistake_is_one_sentence(tmp_path, text, sentence):
    (tmp_path / "wireproof.yaml").write_text(text)
    with pytest.raises(MalformedFile, match=sentence):
        read_config(tmp_path)
