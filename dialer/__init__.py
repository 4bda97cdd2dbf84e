"""Turns a contact spreadsheet into AI phone calls, each created exactly once, each at a permitted hour."""
