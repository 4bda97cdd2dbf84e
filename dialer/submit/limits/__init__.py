"""Limits that a run shares with others."""
