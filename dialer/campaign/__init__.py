"""What a campaign file says: what to say, to whom, when, how fast."""
