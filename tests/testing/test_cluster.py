"""A run on a Dask cluster: its parts on the workers, one report."""

from __future__ import annotations

import pytest
from distributed import LocalCluster

from tests.testing.asked import patient
from tests.testing.test_runner import Broken, found
from tests.testing.zoo import open_zoo
from wireproof.schema.target import target_of
from wireproof.testing import Phase
from wireproof.testing.cluster import UnusableEngine, run_on
from wireproof.testing.runner import run_tests

PHASES = (Phase.EXAMPLES, Phase.STATEFUL)


def test_two_workers_do_what_one_machine_does():
    """
    The finding once, every method tested, the calls of both parts summed.
    """
    options = patient(phases=PHASES)
    cluster = LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    )
    with cluster, open_zoo(Broken) as (address, schema):
        engine = cluster.scheduler_address.replace("tcp://", "dask://")
        whole = run_on(engine, target_of(address), schema, options)
        alone = run_tests(address, schema, options)
    assert found(whole) == found(alone) == {("SERVER_FAULT", "FetchBeast")}
    assert len(whole.findings) == 1
    assert whole.untested == alone.untested
    assert (whole.shard, len(whole.methods)) == ("", 5)


@pytest.mark.parametrize("engine", ["ray://127.0.0.1:1", "dask://127.0.0.1:1"])
def test_an_engine_that_is_none_is_told(engine, monkeypatch):
    """
    In a sentence, before any call.
    """
    monkeypatch.setattr("wireproof.testing.cluster._PATIENCE", 1)
    with open_zoo() as (address, schema), pytest.raises(UnusableEngine, match=engine):
        run_on(engine, target_of(address), schema, patient(phases=PHASES))
