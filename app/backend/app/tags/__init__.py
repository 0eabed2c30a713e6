"""Tags that tasks carry."""
