"""Run generated contract tests against a service."""
