"""The steps of a task."""
