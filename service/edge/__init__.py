"""The service behind Envoy: gRPC, gRPC-Web and REST on one port, in front of several replicas."""
