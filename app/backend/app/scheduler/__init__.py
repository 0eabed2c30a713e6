"""Jobs that run by the clock, once however many processes there are."""
