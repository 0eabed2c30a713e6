"""What an assistant can do with a user's tasks."""
