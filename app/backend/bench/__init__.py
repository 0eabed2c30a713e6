"""Measurements of the backend, which `make bench` runs."""
