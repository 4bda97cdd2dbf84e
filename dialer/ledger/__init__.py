"""What was intended and what happened, durably."""
