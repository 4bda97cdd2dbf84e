"""The tables that need not stand in `schema`."""
