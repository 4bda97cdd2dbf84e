"""What several runs share: the queue that they wait in, the limit of their key."""
