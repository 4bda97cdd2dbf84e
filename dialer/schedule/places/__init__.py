"""Where a person could be: the number, and what the sheet says of the place."""
