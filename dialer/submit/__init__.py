"""A planned call out; one outcome in."""
