"""The values of a call, and what follows from them. Pure: no network, no database, no clock."""
