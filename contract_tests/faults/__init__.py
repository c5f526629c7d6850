"""Faults that can be switched on in the UserService under test, never in the service itself."""
