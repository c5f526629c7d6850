"""The service against every consumer's contract."""

from __future__ import annotations

from pathlib import Path

import pytest

from wireproof.contracts import load_states, read_contract, verify
from wireproof.exchange import Style, method_of
from wireproof.exchange.channel import target_of
from wireproof.schema.source import load
from wireproof.testing.launch import launched

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
CONTRACTS = sorted(HERE.glob("*/contract.yaml"))
STATES = load_states(ROOT / "contract_tests/states.py")


@pytest.fixture(scope="module")
def target():
    with launched("python -m service --port {port} --db sqlite://", folder=ROOT) as address:
        yield target_of(address)


@pytest.fixture(scope="module")
def release():
    return load("release:1.0.0", root=ROOT)


@pytest.fixture(scope="module")
def schema():
    return load("schemas", root=ROOT)


@pytest.mark.parametrize("path", CONTRACTS, ids=lambda path: path.parent.name)
def test_the_service_keeps_the_contract(path, target, schema, release):
    """Every interaction passes, read in the words that its consumer was built with."""
    contract = read_contract(path)
    report = verify([contract], target, schema, STATES, known=[release])
    (found,) = report.contracts
    assert [(one.name, one.findings, one.reason) for one in found.interactions] == [
        (one.name, (), "") for one in contract.interactions
    ]
    assert found.own_schema or not contract.schema  # one for what is not released yet names none


def test_interactions_do_not_lean_on_one_another(target, schema, release):
    """Twice on the same server, the second time backwards: the same outcome."""
    contracts = [read_contract(path) for path in CONTRACTS]
    forwards = verify(contracts, target, schema, STATES, known=[release])
    backwards = verify(map(reverse, contracts), target, schema, STATES, known=[release])
    assert (forwards.findings, backwards.findings) == ((), ())
    assert (forwards.could_not_run, backwards.could_not_run) == ((), ())


def test_the_contracts_use_all_four_styles(schema):
    """Unary, streaming either way, and both."""
    names = {one.method for path in CONTRACTS for one in read_contract(path).interactions}
    methods = [method_of(method) for method in schema.methods() if method.name in names]
    assert {method.style for method in methods} == set(Style)


def reverse(contract):
    """The contract with its interactions in the opposite order."""
    from dataclasses import replace

    return replace(contract, interactions=contract.interactions[::-1])
