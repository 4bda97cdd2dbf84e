"""Which columns of a sheet mean what: names, variables, what decides about a row's call."""
