"""What a user and the assistant said to each other."""
