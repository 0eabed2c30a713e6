"""Reminders by e-mail, to a mail server on this machine."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.jobs.reminders import reminder_mails
from tests.conftest import Caller, NewUser
from tests.mail import FROM, NAME, PASSWORD, mail_server, plain, starttls
from tests.postgres import free_port
from tests.test_jobs import run

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
async def _confirmed(ann: Caller, database: Any) -> None:
    await confirm_all(database)


async def confirm_all(database: Any) -> None:
    """Take every address as its user's."""
    await database.execute(
        "INSERT INTO email_confirmations SELECT id, email, NULL, now() FROM users ON CONFLICT DO NOTHING"
    )


async def remind(caller: Caller, title: str = "Water the\nplants", ago: float = 60, **fields: Any) -> str:
    """The path of a reminder that came up so many seconds ago."""
    task = await caller.add_task(title, **fields)
    moment = datetime.now(UTC) - timedelta(seconds=ago)
    path = f"/tasks/{task['id']}/reminders"
    assert (await caller.call("POST", path, json={"remind_at": str(moment)})).status_code == 201
    return f"/tasks/{task['id']}"


async def test_a_reminder_is_sent_once(app: Any, ann: Caller) -> None:
    await remind(ann, due_date="2040-01-31T12:00:00Z")
    await remind(ann, "later", ago=-60)
    await remind(ann, "much too late", ago=90000)
    with mail_server() as mailbox:
        for _ in range(2):
            await run(app, reminder_mails, **plain(mailbox.port))
    [letter] = mailbox.letters
    assert (letter["To"], letter["From"], letter["Subject"]) == (ann.email, FROM, "Reminder: Water the plants")
    assert "due on 2040-01-31 at 12:00 UTC" in letter.get_content()


async def test_nothing_is_sent_of_what_is_done_or_dismissed_or_without_a_server(
    app: Any, ann: Caller, database: Any
) -> None:
    done = await remind(ann, "done")
    await ann.call("POST", f"{done}/complete")
    await remind(ann, "seen")
    for item in (await ann.call("GET", "/reminders")).json()["items"]:
        await ann.call("POST", f"/reminders/{item['id']}/dismiss")
    await remind(ann, "open")
    await run(app, reminder_mails)
    assert await database.fetchval("SELECT count(mailed_at) FROM reminders") == 0
    with mail_server() as mailbox:
        await run(app, reminder_mails, **plain(mailbox.port))
    assert [letter["Subject"] for letter in mailbox.letters] == ["Reminder: open"]


async def test_what_is_refused_for_now_is_sent_later_and_the_rest_at_once(
    app: Any, ann: Caller, new_user: NewUser, database: Any
) -> None:
    for email in ("full@example.com", "nobody@example.com", "üne@example.com"):
        await remind(await new_user(email))
    await confirm_all(database)
    await remind(ann, "spam")
    await remind(ann)
    with mail_server(enable_SMTPUTF8=False) as mailbox:
        mailbox.refusals = {"full@example.com": "451 full", "nobody@example.com": "550 no", "Reminder: spam": "554 no"}
        await run(app, reminder_mails, **plain(mailbox.port))
        assert [letter["To"] for letter in mailbox.letters] == [ann.email]
        mailbox.refusals = {}
        await run(app, reminder_mails, **plain(mailbox.port))
        assert [letter["To"] for letter in mailbox.letters] == [ann.email, "full@example.com"]


async def test_a_server_that_is_away_is_tried_again(app: Any, ann: Caller) -> None:
    await remind(ann)
    await run(app, reminder_mails, **plain(free_port()))
    with mail_server() as mailbox:
        await run(app, reminder_mails, **plain(mailbox.port))
    assert len(mailbox.letters) == 1


async def test_an_account_is_used_over_tls_only(
    app: Any, ann: Caller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await remind(ann)
    with mail_server(**starttls(tmp_path)) as mailbox:
        given = plain(mailbox.port) | {"smtp_host": "localhost", "smtp_security": "starttls", "smtp_username": NAME}
        await run(app, reminder_mails, **given, smtp_password=PASSWORD)  # nobody vouches for the certificate
        assert mailbox.letters == []
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
        await run(app, reminder_mails, **given, smtp_password="another")
        assert mailbox.letters == []
        await run(app, reminder_mails, **given, smtp_password=PASSWORD)
    assert len(mailbox.letters) == 1


async def test_a_server_may_speak_tls_from_the_beginning(
    app: Any, ann: Caller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await remind(ann)
    with mail_server(ssl_context=starttls(tmp_path)["tls_context"]) as mailbox:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
        await run(app, reminder_mails, **plain(mailbox.port) | {"smtp_host": "localhost", "smtp_security": "tls"})
    assert len(mailbox.letters) == 1
