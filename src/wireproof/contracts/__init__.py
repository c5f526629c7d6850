"""Consumer contracts: what one consumer sends and needs, held against a running provider."""

from wireproof.contracts.contract import Contract, Interaction
from wireproof.contracts.match import match
from wireproof.contracts.read import read_contract
from wireproof.contracts.states import Client, load_states
from wireproof.contracts.usage import Usage, consumers_of, usage
from wireproof.contracts.verify import VerifyReport, verify

__all__ = [
    "Client",
    "Contract",
    "Interaction",
    "Usage",
    "VerifyReport",
    "consumers_of",
    "load_states",
    "match",
    "read_contract",
    "usage",
    "verify",
]
