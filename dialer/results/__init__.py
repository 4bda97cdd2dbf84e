"""What people open: the results of a run, row by row."""

from dialer.results.table import COLUMNS, FORMATS, write_table

__all__ = ["COLUMNS", "FORMATS", "write_table"]
