"""The pytest plugin: contract tests of a gRPC service, one line away."""
