"""The door to api.user.v2."""
