"""Filters that a user keeps."""
