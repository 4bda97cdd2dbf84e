"""How a run begins on the rows of an earlier one."""
