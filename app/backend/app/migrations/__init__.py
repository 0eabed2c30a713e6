"""The schema's history. Revisions are numbers of four digits, so that their order can be told without Alembic."""

HEAD = "0021"
"""The newest revision."""


def is_at_least(revision: str) -> bool:
    """Whether a schema at `revision` has all that this code needs: a newer one only adds to it."""
    return len(revision) == len(HEAD) and revision.isdecimal() and revision >= HEAD
