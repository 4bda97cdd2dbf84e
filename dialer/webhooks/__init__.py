"""Hears from the API that a call has ended, and asks the API how."""
