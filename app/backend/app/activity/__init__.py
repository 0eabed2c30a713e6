"""What happened to a task."""
