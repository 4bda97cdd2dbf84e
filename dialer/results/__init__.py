"""What people open: the table of a run, row by row."""
