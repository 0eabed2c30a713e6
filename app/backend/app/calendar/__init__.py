"""Tasks as a calendar that other programs subscribe to."""
