"""Categories that tasks are sorted into."""
