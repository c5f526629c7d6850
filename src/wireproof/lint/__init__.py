"""Whether a schema is well made: buf's lint, and what teams govern beyond it."""
