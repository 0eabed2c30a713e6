"""Measurements of the promises, side by side with a plain script in the same run."""
