"""Hears from the API that a call has ended, and asks it how: a hint is taken from anybody who knows the secret."""
