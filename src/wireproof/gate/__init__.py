"""Every stage for one repository, one verdict."""

from wireproof.gate.config import Config, ServiceConfig, read_config
from wireproof.gate.run import run_gate

__all__ = ["Config", "ServiceConfig", "read_config", "run_gate"]
