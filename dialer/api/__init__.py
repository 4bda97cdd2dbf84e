"""AICaller over HTTP: one request out, one outcome in."""
