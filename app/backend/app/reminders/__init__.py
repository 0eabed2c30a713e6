"""When to remind a user of a task."""
