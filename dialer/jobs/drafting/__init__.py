"""A campaign file for a sheet."""
