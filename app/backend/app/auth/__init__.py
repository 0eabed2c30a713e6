"""Sign-up, log-in, sessions and tokens."""
