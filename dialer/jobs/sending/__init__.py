"""From committed slots to settled outcomes."""
