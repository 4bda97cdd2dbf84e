"""Slots for the rows that wait."""
