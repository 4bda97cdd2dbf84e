"""The database that holds the ledger: opened safely, locked by one, recognised when copied."""
