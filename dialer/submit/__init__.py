"""A planned call out; one outcome in."""

from dialer.submit.attempt import Book, Claim, PlannedCall, Settlement
from dialer.submit.outcome import Kind, Outcome, StopCode

__all__ = ["Book", "Claim", "Kind", "Outcome", "PlannedCall", "Settlement", "StopCode"]
