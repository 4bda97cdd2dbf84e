"""Rows into the ledger."""
