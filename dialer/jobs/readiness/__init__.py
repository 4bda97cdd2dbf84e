"""Whether everything is ready to call: one list of checks, for `doctor` and for every run before it asks."""
