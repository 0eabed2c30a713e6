"""Tasks in and out as files."""
