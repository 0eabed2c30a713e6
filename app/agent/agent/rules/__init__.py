"""The assistant that works without a model: it knows some commands, and says so."""
