"""What is known of a run while it goes on: what people ask of it, its pauses, how far it is."""
