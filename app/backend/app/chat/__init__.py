"""The assistant's answers: made in one process, kept in the database, streamed from any."""
