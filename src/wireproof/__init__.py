"""Contract tests and schema governance for Protobuf and gRPC."""
