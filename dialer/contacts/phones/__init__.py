"""A phone cell in; one number that may be called, or the reason why not, out."""
