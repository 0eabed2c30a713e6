"""Assistants that ask a model."""
