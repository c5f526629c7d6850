"""The UserService: a complete gRPC service that this repository's contracts are tested against."""
