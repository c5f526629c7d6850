"""The door to api.user.v1."""
