"""Files of tasks, in each kind of storage."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from app.attachments.repository import remove_discarded
from app.attachments.storage import make_storage
from tests.conftest import Caller, assert_problem, make_settings
from tests.storages import KEY, SECRET, CloudinaryServer, S3Server, StorageServer

pytestmark = pytest.mark.anyio

CONTENT = bytes(range(256)) * 1000


class Store:
    """A storage, how it is set, and what it holds."""

    def __init__(self, settings: dict[str, Any], server: StorageServer | Path) -> None:
        self.settings = settings
        self._server = server

    @property
    def files(self) -> list[bytes]:
        if isinstance(self._server, Path):
            return [path.read_bytes() for path in self._server.rglob("*") if path.is_file()]
        return list(self._server.files.values())

    def forget(self) -> None:
        if isinstance(self._server, Path):
            for path in [path for path in self._server.rglob("*") if path.is_file()]:
                path.unlink()
        else:
            self._server.files.clear()

    def break_down(self) -> None:
        if isinstance(self._server, Path):
            for path in self._server.iterdir():
                path.rename(path.with_name("gone"))
                path.write_text("in the way")
        else:
            self._server.broken = True


@pytest.fixture(params=["folder", "s3", "cloudinary"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    if request.param == "folder":
        yield Store({"attachment_folder": tmp_path / "files"}, tmp_path / "files")
    elif request.param == "s3":
        async with S3Server().running() as server:
            account = {"s3_access_key_id": KEY, "s3_secret_access_key": SECRET}
            yield Store({"s3_bucket": "todo", "s3_endpoint": server.url, **account}, server)
    else:
        async with CloudinaryServer().running() as server:
            account = {"cloudinary_api_key": KEY, "cloudinary_api_secret": SECRET}
            place = {"cloudinary_cloud_name": "cloud", "cloudinary_upload_prefix": server.url}
            yield Store(place | account, server)


@pytest.fixture
async def caller(store: Store, run_app: Any, ann: Caller) -> AsyncIterator[Caller]:
    async with run_app(**store.settings) as client:
        yield Caller(client, ann.email, ann.access_token, ann.refresh_token)


def file(name: str = "photo.png", content: bytes = CONTENT, kind: str = "image/png") -> dict[str, Any]:
    return {"files": {"file": (name, content, kind)}}


async def test_a_file_comes_back_as_it_was(caller: Caller, store: Store) -> None:
    path = f"/tasks/{(await caller.add_task())['id']}/attachments"
    response = await caller.call("POST", path, **file("Überblick, neu.png"))
    assert response.status_code == 201, response.text
    made = response.json()
    assert (made["filename"], made["file_size"], made["mime_type"]) == ("Überblick, neu.png", len(CONTENT), "image/png")
    assert response.headers["location"] == f"/api/v1{path}/{made['id']}"
    assert (await caller.call("GET", path)).json() == {"items": [made], "enabled": True}
    assert store.files == [CONTENT]
    download = await caller.call("GET", f"{path}/{made['id']}")
    assert download.content == CONTENT
    assert download.headers["content-type"] == "application/octet-stream"
    disposition = "attachment; filename*=UTF-8''%C3%9Cberblick%2C%20neu.png"
    assert download.headers["content-disposition"] == disposition
    assert download.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in download.headers["content-security-policy"]


@pytest.mark.parametrize("what", ["attachment", "task", "account"])
async def test_a_file_goes_with_what_it_belongs_to(caller: Caller, store: Store, app: Any, what: str) -> None:
    task = f"/tasks/{(await caller.add_task())['id']}"
    made = (await caller.call("POST", f"{task}/attachments", **file())).json()
    own = f"{task}/attachments/{made['id']}"
    path = {"attachment": own, "task": task, "account": "/auth/me"}[what]
    assert (await caller.call("DELETE", path)).status_code == 204
    if what == "attachment":
        assert_problem(await caller.call("GET", own), 404)
        assert_problem(await caller.call("DELETE", own), 404)
    for expected in (1, 0):
        assert await sweep(app, store) == expected
    assert store.files == []


async def sweep(app: Any, store: Store) -> int:
    storage = make_storage(make_settings("postgresql://nobody@127.0.0.1/none", **store.settings))
    assert storage
    async with app.state.database.session() as session:
        return await remove_discarded(session, storage)


async def test_a_file_that_is_gone_already_can_be_removed(caller: Caller, store: Store, app: Any) -> None:
    path = f"/tasks/{(await caller.add_task())['id']}/attachments"
    made = (await caller.call("POST", path, **file())).json()
    store.forget()
    assert_problem(await caller.call("GET", f"{path}/{made['id']}"), 503)
    await caller.call("DELETE", f"{path}/{made['id']}")
    assert await sweep(app, store) == 1


async def test_a_storage_that_fails_is_told_without_its_secrets(
    caller: Caller, store: Store, database: Any, caplog: pytest.LogCaptureFixture
) -> None:
    path = f"/tasks/{(await caller.add_task())['id']}/attachments"
    await caller.call("POST", path, **file())
    store.break_down()
    problem = assert_problem(await caller.call("POST", path, **file("again.png")), 503)
    assert "storage" in problem["detail"]
    assert len((await caller.call("GET", path)).json()["items"]) == 1
    # The upload may have come through all the same: it is removed when it can't be under way any more.
    assert await database.fetchval("SELECT count(*) FROM discarded_files WHERE remove_after > now()") == 1
    assert "the storage failed" in caplog.text
    assert SECRET not in caplog.text


async def test_an_upload_sent_again_is_kept_once(caller: Caller) -> None:
    path = f"/tasks/{(await caller.add_task())['id']}/attachments"
    key = {"Idempotency-Key": "k"}
    answers = [await caller.call("POST", path, headers=key, **file()) for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    assert len((await caller.call("GET", path)).json()["items"]) == 1
    assert_problem(await caller.call("POST", path, headers=key, **file(content=b"other")), 422, "Idempotency-Key")


@pytest.fixture
async def local(tmp_path: Path, run_app: Any, ann: Caller) -> AsyncIterator[Caller]:
    async with run_app(attachment_folder=tmp_path, attachment_max_bytes=1000, attachment_types="image/*") as client:
        yield Caller(client, ann.email, ann.access_token, ann.refresh_token)


@pytest.mark.parametrize(
    "upload",
    [
        file(content=b""),
        file(content=b"x" * 1001),
        file(kind="application/x-msdownload", content=b"x"),
        file(kind="text/html", content=b"x"),
    ],
)
async def test_a_file_that_is_not_accepted_is_named(local: Caller, upload: dict[str, Any]) -> None:
    path = f"/tasks/{(await local.add_task())['id']}/attachments"
    assert_problem(await local.call("POST", path, **upload), 422, "file")
    assert (await local.call("GET", path)).json() == {"items": [], "enabled": True}


async def test_a_body_that_is_far_too_long_is_cut_off(local: Caller) -> None:
    path = f"/tasks/{(await local.add_task())['id']}/attachments"
    assert_problem(await local.call("POST", path, **file(content=b"x" * 2_000_000)), 413)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\photos\\a.png", "a.png"),
        ("a\u200eb.png", "ab.png"),
        ("x" * 300 + ".png", "x" * 251 + ".png"),
        (" . ", "file"),
    ],
)
async def test_a_name_is_made_harmless(local: Caller, given: str, kept: str) -> None:
    path = f"/tasks/{(await local.add_task())['id']}/attachments"
    made = await local.call("POST", path, **file(given, b"x"))
    assert made.json()["filename"] == kept


async def test_there_is_an_end_to_attachments(local: Caller) -> None:
    path = f"/tasks/{(await local.add_task())['id']}/attachments"
    for _ in range(20):
        assert (await local.call("POST", path, **file(content=b"x"))).status_code == 201
    assert_problem(await local.call("POST", path, **file(content=b"x")), 422, "file")


async def test_a_task_that_goes_during_the_upload_takes_no_file(
    local: Caller, database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/tasks/{(await local.add_task())['id']}/attachments"
    # The moment between the upload and its row can't be hit from outside.
    await database.execute(
        "CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN DELETE FROM tasks; RETURN NULL; END $$;"
        " CREATE TRIGGER lose AFTER INSERT ON discarded_files FOR EACH ROW EXECUTE FUNCTION lose()"
    )
    try:
        assert_problem(await local.call("POST", path, **file(content=b"x")), 404)
    finally:
        await database.execute("DROP TRIGGER lose ON discarded_files; DROP FUNCTION lose()")
    assert await database.fetchval("SELECT count(*) FROM discarded_files") == 1


async def test_attachments_are_off_unless_they_have_a_storage(ann: Caller) -> None:
    path = f"/tasks/{(await ann.add_task())['id']}/attachments"
    problem = assert_problem(await ann.call("POST", path, **file()), 403)
    assert "turned off" in problem["detail"]
    assert (await ann.call("GET", path)).json() == {"items": [], "enabled": False}
