"""Which rows are called, in what order and at what hour, by what their own cells say."""
