"""The todo backend: a package per domain (auth, users, tasks, health) over shared parts."""
