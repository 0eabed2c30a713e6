"""The schema's history. Revisions are numbers of four digits, so that their order can be told without Alembic.

A migration only adds to the schema, so that the code of before works on while pods are replaced, and after a rollback.
One that can't says `breaks_older_code = "why"`, and if its downgrade loses nothing, `downgrade_keeps_data = True`.
"""

HEAD = "0023"
"""The newest revision."""


def is_at_least(revision: str) -> bool:
    """Whether a schema at `revision` has all that this code needs: a newer one only adds to it."""
    return len(revision) == len(HEAD) and revision.isdecimal() and revision >= HEAD
