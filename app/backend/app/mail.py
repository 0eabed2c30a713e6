"""Letters by e-mail, where the settings name a server that takes them."""

import smtplib
import ssl
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime
from typing import TypeVar

import structlog

from app.settings import Settings

T = TypeVar("T")

_SECONDS = 10
"""That the server may take for one answer."""
_ALL_SECONDS = 30
"""After which no further letter is begun: the rows of all of them are locked meanwhile."""

log = structlog.get_logger("app.mail")


@dataclass(frozen=True)
class Letter:
    """What is sent to one address; its id is the same whenever it is sent again."""

    id: str
    to: str
    subject: str
    text: str


def send(settings: Settings, letters: Iterable[tuple[T, Letter]]) -> list[T]:
    """Send letters one after the other, in the caller's thread; gives whose need not be tried again."""
    settled: list[T] = []
    end = time.monotonic() + _ALL_SECONDS
    try:
        with _connected(settings) as server:
            for cause, letter in letters:
                if time.monotonic() > end:
                    break
                if _is_settled(server, _message(settings, letter)):
                    settled.append(cause)
    except (OSError, smtplib.SMTPException) as error:
        # Its text may hold an address.
        log.warning("letters wait for the mail server", error=type(error).__name__)
    return settled


@contextmanager
def _connected(settings: Settings) -> Iterator[smtplib.SMTP]:
    host, port, context = settings.smtp_host or "", settings.smtp_port, ssl.create_default_context()
    if settings.smtp_security == "tls":
        connection: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=_SECONDS, context=context)
    else:
        connection = smtplib.SMTP(host, port, timeout=_SECONDS)
    with connection as server:
        if settings.smtp_security == "starttls":
            server.starttls(context=context)
        if settings.smtp_username and settings.smtp_password:
            server.login(settings.smtp_username, settings.smtp_password.get_secret_value())
        yield server


def _is_settled(server: smtplib.SMTP, message: EmailMessage) -> bool:
    """Send a message; tells whether it was taken, or refused for good."""
    try:
        server.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        code = min(code for code, _ in error.recipients.values())
    except smtplib.SMTPDataError as error:
        code = error.smtp_code
    except smtplib.SMTPNotSupportedError:
        code = 550  # as a server would say that knows no such address: this one is not ASCII
    else:
        return True
    log.warning("a letter was not taken by the mail server", code=code)
    return code >= 500


def _message(settings: Settings, letter: Letter) -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = letter.subject
    message["From"] = settings.smtp_from
    message["To"] = letter.to
    message["Date"] = format_datetime(datetime.now(UTC))
    message["Message-ID"] = f"<{letter.id}@{(settings.smtp_from or '').rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.text)
    return message
