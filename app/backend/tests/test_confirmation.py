"""E-mail addresses are confirmed by a link that is mailed to them."""

import re
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import jwt
import pytest
from httpx import AsyncClient

from app.confirmation.links import Links
from app.fields import utcnow
from app.jobs.confirmations import confirmations
from app.jobs.reminders import reminder_mails
from tests.conftest import PASSWORD, SECRET, Caller, assert_problem, make_settings, sign_up
from tests.mail import Mailbox, mail_server, plain
from tests.test_jobs import run
from tests.test_reminder_mails import remind

pytestmark = pytest.mark.anyio

STATE = "/auth/confirmation"
EMAIL = "carol@example.com"


@pytest.fixture(scope="module")
def server() -> Iterator[Mailbox]:
    with mail_server() as mailbox:
        yield mailbox


@pytest.fixture
def mailbox(server: Mailbox) -> Mailbox:
    server.letters.clear()
    return server


@pytest.fixture
async def mailing(run_app: Any, client: AsyncClient, mailbox: Mailbox) -> AsyncIterator[AsyncClient]:
    """The application where e-mail is sent."""
    async with run_app(**plain(mailbox.port)) as mailing:
        yield mailing


@pytest.fixture
async def carol(mailing: AsyncClient) -> Caller:
    return await sign_up(mailing, EMAIL)


async def deliver(app: Any, mailbox: Mailbox) -> list[EmailMessage]:
    """The letters that come of it when the job runs once."""
    before = len(mailbox.letters)
    await run(app, confirmations, **plain(mailbox.port))
    return mailbox.letters[before:]


def token_in(letter: EmailMessage) -> str:
    [token] = re.findall(r"^https://todo\.example/confirm-email#(\S+)\s*$", letter.get_content(), re.MULTILINE)
    return str(token)


async def confirm(client: AsyncClient, token: str) -> Any:
    return await client.put(f"/api/v1{STATE}", json={"token": token})


async def is_confirmed(caller: Caller) -> bool:
    state = (await caller.call("GET", STATE)).json()
    assert state["enabled"] is True
    return bool(state["confirmed"])


async def test_the_link_in_the_letter_confirms_the_address(
    app: Any, mailbox: Mailbox, mailing: AsyncClient, carol: Caller
) -> None:
    assert not await is_confirmed(carol)
    [letter] = await deliver(app, mailbox)
    assert (letter["To"], letter["Subject"]) == (EMAIL, "Confirm your e-mail address")
    assert await deliver(app, mailbox) == []
    for _ in range(2):  # whoever opens it twice is told the same
        assert (await confirm(mailing, token_in(letter))).status_code == 204
        assert await is_confirmed(carol)


async def test_reminders_go_to_confirmed_addresses_only(
    app: Any, mailbox: Mailbox, mailing: AsyncClient, carol: Caller
) -> None:
    await remind(carol)
    await run(app, reminder_mails, **plain(mailbox.port))
    [link] = await deliver(app, mailbox)
    assert mailbox.letters == [link]
    await confirm(mailing, token_in(link))
    await run(app, reminder_mails, **plain(mailbox.port))
    assert mailbox.letters[1]["Subject"].startswith("Reminder: ")


async def test_a_new_address_is_to_be_confirmed_anew(
    app: Any, mailbox: Mailbox, mailing: AsyncClient, carol: Caller
) -> None:
    [old] = await deliver(app, mailbox)
    await confirm(mailing, token_in(old))
    change = {"email": "carol@new.example", "current_password": PASSWORD}
    assert (await carol.call("PATCH", "/auth/me", json=change)).status_code == 200
    assert not await is_confirmed(carol)
    assert_problem(await confirm(mailing, token_in(old)), 404)
    assert not await is_confirmed(carol)
    [new] = await deliver(app, mailbox)
    assert new["To"] == "carol@new.example"
    await confirm(mailing, token_in(new))
    assert await is_confirmed(carol)
    assert (await carol.call("PATCH", "/auth/me", json={"username": "carol"})).status_code == 200
    assert (await carol.call("PATCH", "/auth/me", json=change)).status_code == 200
    assert await is_confirmed(carol)


async def test_an_address_that_older_code_changes_is_not_confirmed(
    app: Any, mailbox: Mailbox, mailing: AsyncClient, carol: Caller, database: Any
) -> None:
    [letter] = await deliver(app, mailbox)
    await confirm(mailing, token_in(letter))
    await database.execute("UPDATE users SET email = 'carol@new.example'")
    assert not await is_confirmed(carol)
    await carol.call("POST", STATE)
    await database.execute("UPDATE users SET email = 'carol@newer.example'")
    assert await deliver(app, mailbox) == []


async def test_the_link_is_sent_again_when_asked_for(
    app: Any, mailbox: Mailbox, mailing: AsyncClient, carol: Caller
) -> None:
    await deliver(app, mailbox)
    response = await carol.call("POST", STATE)
    assert (response.status_code, response.json()) == (202, {"enabled": True, "confirmed": False})
    [letter] = await deliver(app, mailbox)
    await confirm(mailing, token_in(letter))
    assert (await carol.call("POST", STATE)).json() == {"enabled": True, "confirmed": True}
    assert await deliver(app, mailbox) == []
    assert await is_confirmed(carol)


async def test_nobody_is_sent_many_links(carol: Caller, database: Any) -> None:
    change = {"email": "carol@new.example", "current_password": PASSWORD}
    assert (await carol.call("PATCH", "/auth/me", json=change)).status_code == 200
    for _ in range(4):
        assert (await carol.call("POST", STATE)).status_code == 202
    assert_problem(await carol.call("POST", STATE), 429)
    assert_problem(await carol.call("PATCH", "/auth/me", json=change), 429)
    await database.execute("UPDATE users SET is_user = false")
    assert_problem(await carol.call("POST", STATE), 403)


async def test_what_is_refused_for_now_is_sent_later_and_within_a_day(
    app: Any, mailbox: Mailbox, carol: Caller, database: Any
) -> None:
    mailbox.refusals = {EMAIL: "451 full"}
    assert await deliver(app, mailbox) == []
    mailbox.refusals = {}
    await database.execute("UPDATE email_confirmations SET requested_at = requested_at - interval '1 day'")
    assert await deliver(app, mailbox) == []
    await database.execute("UPDATE email_confirmations SET requested_at = requested_at + interval '1 hour'")
    assert len(await deliver(app, mailbox)) == 1


async def test_an_account_that_is_locked_gets_no_letter(
    app: Any, mailbox: Mailbox, carol: Caller, database: Any
) -> None:
    await database.execute("UPDATE users SET is_active = false")
    assert await deliver(app, mailbox) == []


async def test_without_a_mail_server_nothing_is_asked_for(app: Any, ann: Caller, database: Any) -> None:
    assert (await ann.call("POST", STATE)).json() == {"enabled": False, "confirmed": False}
    assert await database.fetchval("SELECT count(*) FROM email_confirmations") == 0
    await run(app, confirmations)


@pytest.mark.parametrize(
    ("changes", "header", "key"),
    [
        ({"exp": utcnow() - timedelta(seconds=1)}, {}, SECRET),
        ({"exp": None}, {}, SECRET),
        ({"aud": "todo-api"}, {}, SECRET),
        ({"iss": "https://elsewhere.example"}, {}, SECRET),
        ({"sub": "carol"}, {}, SECRET),
        ({"sub": str(uuid.uuid4())}, {}, SECRET),
        ({"email": "dave@example.com"}, {}, SECRET),
        ({}, {"typ": "at+jwt"}, SECRET),
        ({}, {}, SECRET[::-1]),
    ],
)
async def test_any_other_token_is_refused_alike(
    client: AsyncClient, ann: Caller, changes: dict[str, Any], header: dict[str, str], key: str
) -> None:
    user_id = uuid.UUID((await ann.call("GET", "/auth/me")).json()["id"])
    made = Links(make_settings("postgresql://x/y")).make(user_id, ann.email).partition("#")[2]
    payload = jwt.decode(made, SECRET, ["HS256"], audience="email-confirmation") | changes
    kept = {name: value for name, value in payload.items() if value is not None}
    token = jwt.encode(kept, key, "HS256", headers={"typ": "email+jwt"} | header)
    refused = [assert_problem(await confirm(client, each), 404) for each in (token, "", ann.access_token)]
    assert len({problem["detail"] for problem in refused}) == 1
    assert (await confirm(client, made)).status_code == 204


async def test_a_link_opens_nothing_else(client: AsyncClient, ann: Caller) -> None:
    user_id = uuid.UUID((await ann.call("GET", "/auth/me")).json()["id"])
    token = Links(make_settings("postgresql://x/y")).make(user_id, ann.email).partition("#")[2]
    assert_problem(await replace(ann, access_token=token).call("GET", "/auth/me"), 401)
