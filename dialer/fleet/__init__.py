"""Runs and nights that wait in a queue until one of several machines takes them."""
