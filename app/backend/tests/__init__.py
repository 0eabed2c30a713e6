"""Tests of the backend, against a real PostgreSQL."""
