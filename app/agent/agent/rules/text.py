"""What people write, without what means nothing to a command: greetings, thanks, typing errors."""

import re

_COMMANDS = (
    "complete",
    "create",
    "delete",
    "finish",
    "list",
    "move",
    "postpone",
    "remind",
    "remove",
    "rename",
    "reopen",
    "reschedule",
    "search",
    "show",
    "summarize",
    "update",
)
_DAYS = ("today", "tomorrow", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SHORT = 4

_OPENERS = re.compile(
    r"^(?:(?:hi|hey|hello|ok|okay|so|well|please|pls|yes|and|then|now|also|alright)(?:\s+there)?\b[\s,!.]*"
    r"|(?:can|could|would|will)\s+(?:you|we)\s+(?:please\s+|kindly\s+)?"
    r"|(?:i'd|i\s+would|we'd)\s+like\s+(?:you\s+)?to\s+|i\s+want\s+(?:you\s+)?to\s+"
    r"|(?:let's|let\s+us|go\s+ahead\s+and)\s+)",
    re.IGNORECASE,
)
_CLOSERS = re.compile(
    # The full stop of a date such as 31.3. is a part of it.
    r"(?:(?<!\d\.\d)(?<!\d\.\d\d)[\s,.!?;]+|[\s,.!]+(?:please|pls|thanks|thank\s+you|thx|cheers|for\s+me)(?:\s+(?:a\s+lot|so\s+much|very\s+much))?)$",
    re.IGNORECASE,
)
_CORRECTION = re.compile(r"^.*\bi\s+mean[,:]?\s+", re.IGNORECASE)
_QUOTES = re.compile(r"[“”„«»]")


def tidy(text: str) -> str:
    """The text in one line, with plain quotes, and without greetings, courtesies and what was taken back."""
    text = re.sub(r"\s+", " ", _QUOTES.sub('"', text).replace("’", "'")).strip()  # noqa: RUF001
    text = _CORRECTION.sub("", text)
    stripped = ""
    while text != stripped:
        stripped = text
        text = _CLOSERS.sub("", _OPENERS.sub("", text))
    return text


def mend(text: str) -> str:
    """The text with its command, and the names of days, spelled right."""
    words = text.split(" ")
    words[0] = _nearest(words[0], _COMMANDS)
    return " ".join([words[0], *(_nearest(word, _DAYS) if '"' not in word else word for word in words[1:])])


def _nearest(word: str, vocabulary: tuple[str, ...]) -> str:
    lower = word.lower()
    if lower in vocabulary:
        return word
    return next((known for known in vocabulary if _is_slip(lower, known)), word)


def _is_slip(word: str, known: str) -> bool:
    """Whether one letter is wrong, missing or too many, or two are swapped; in short words only the last."""
    if abs(len(word) - len(known)) > 1 or word[:1] != known[:1]:
        return False
    start = next((i for i, (a, b) in enumerate(zip(word, known, strict=False)) if a != b), min(len(word), len(known)))
    rest, wanted = word[start:], known[start:]
    if rest[:2] == wanted[1::-1] and rest[2:] == wanted[2:] and len(rest) > 1:
        return True
    if len(known) <= _SHORT:
        return len(word) > len(known) and rest[1:] == wanted
    return rest[1:] == wanted or rest == wanted[1:] or rest[1:] == wanted[1:]


def title(text: str) -> str:
    """A title as it is written into a list."""
    text = text.strip(" ,;:.-").strip('"').strip()
    return text[:1].upper() + text[1:]
