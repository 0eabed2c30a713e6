"""Reminders by e-mail, where the settings name a server that takes them."""

import smtplib
import ssl
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import format_datetime

import structlog

from app.reminders.repository import DueMail
from app.settings import Settings

_SECONDS = 10
"""That the server may take for one answer."""
_ALL_SECONDS = 30
"""After which no further letter is begun: the rows of all of them are locked meanwhile."""

log = structlog.get_logger("app.reminders")


def send(settings: Settings, mails: Sequence[DueMail]) -> list[DueMail]:
    """Send mails one after the other, in the caller's thread; gives those that need not be tried again."""
    settled: list[DueMail] = []
    end = time.monotonic() + _ALL_SECONDS
    try:
        with _connected(settings) as server:
            for mail in mails:
                if time.monotonic() > end:
                    break
                if _is_settled(server, _letter(settings, mail)):
                    settled.append(mail)
    except (OSError, smtplib.SMTPException) as error:
        # Its text may hold an address.
        log.warning("reminders wait for the mail server", error=type(error).__name__)
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


def _is_settled(server: smtplib.SMTP, letter: EmailMessage) -> bool:
    """Send a letter; tells whether it was taken, or refused for good."""
    try:
        server.send_message(letter)
    except smtplib.SMTPRecipientsRefused as error:
        code = min(code for code, _ in error.recipients.values())
    except smtplib.SMTPDataError as error:
        code = error.smtp_code
    except smtplib.SMTPNotSupportedError:
        code = 550  # as a server would say that knows no such address: this one is not ASCII
    else:
        return True
    log.warning("a reminder was not taken by the mail server", code=code)
    return code >= 500


def _letter(settings: Settings, mail: DueMail) -> EmailMessage:
    letter = EmailMessage()
    title = " ".join(mail.title.split())
    letter["Subject"] = f"Reminder: {title}"
    letter["From"] = settings.smtp_from
    letter["To"] = mail.email
    letter["Date"] = format_datetime(datetime.now(UTC))
    # The same whenever it is sent again.
    letter["Message-ID"] = f"<{mail.id}.{mail.remind_at:%Y%m%d%H%M%S}@{(settings.smtp_from or '').rpartition('@')[2]}>"
    letter["Auto-Submitted"] = "auto-generated"
    due = f"It is due on {mail.due_date.astimezone(UTC):%Y-%m-%d at %H:%M} UTC.\n" if mail.due_date else ""
    letter.set_content(f"You asked to be reminded of: {title}\n{due}")
    return letter
