"""Whether an e-mail address is its account's: a link that is mailed to it says so."""
