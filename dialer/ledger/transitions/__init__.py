"""The state machine of a contact."""
