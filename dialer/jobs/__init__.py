"""The use-cases, each one page."""
