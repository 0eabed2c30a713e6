"""The post-deployment checklist: each module checks one kind of thing, `runner` runs them all at once."""
