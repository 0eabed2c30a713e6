"""Where the content of attachments is kept: a folder, S3 or Cloudinary."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import partial
from typing import Any, Protocol, TypeVar

import cloudinary.exceptions
import cloudinary.uploader
import cloudinary.utils
import obstore
import structlog
import urllib3
from anyio.to_thread import run_sync
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore, ObjectStore, S3Store

from app.errors import UnavailableError
from app.settings import Settings

_CHUNK = 64 * 1024
_TIMEOUT = 30

T = TypeVar("T")

log = structlog.get_logger("app.attachments")


class StorageError(UnavailableError):
    """The storage does not answer, or doesn't have what it should have."""

    def __init__(self) -> None:
        super().__init__("The storage of files does not answer at the moment.")


class Storage(Protocol):
    """Keeps files under paths that are never used twice; every method raises StorageError."""

    async def save(self, path: str, content: bytes) -> None:
        """Keep a file."""

    async def open(self, path: str) -> AsyncIterator[bytes]:
        """The content of a file, in pieces."""

    async def remove(self, path: str) -> None:
        """Forget a file; one that isn't there is no error."""


def make_storage(settings: Settings) -> Storage | None:
    """The storage that is configured, if any is."""
    if settings.attachment_folder:
        return ObjectStorage(LocalStore(settings.attachment_folder, automatic_cleanup=True, mkdir=True))
    if settings.s3_bucket:
        return ObjectStorage(_s3(settings))
    if settings.cloudinary_cloud_name:
        return CloudinaryStorage(settings)
    return None


class ObjectStorage:
    """Files in a folder or a bucket."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store

    async def save(self, path: str, content: bytes) -> None:
        """Keep a file."""
        with _translated():
            await obstore.put_async(self._store, path, content)

    async def open(self, path: str) -> AsyncIterator[bytes]:
        """The content of a file, in pieces."""
        with _translated():
            result = await obstore.get_async(self._store, path)
        return (bytes(chunk) async for chunk in result.stream(min_chunk_size=_CHUNK))

    async def remove(self, path: str) -> None:
        """Forget a file."""
        with _translated(), suppress(NotFoundError, FileNotFoundError):
            await obstore.delete_async(self._store, path)


class CloudinaryStorage:
    """Files at Cloudinary, which gives them out to signed requests only. Its client blocks: it works in threads."""

    def __init__(self, settings: Settings) -> None:
        secret = settings.cloudinary_api_secret
        self._options = {
            "cloud_name": settings.cloudinary_cloud_name,
            "api_key": settings.cloudinary_api_key,
            "api_secret": secret.get_secret_value() if secret else None,
            "upload_prefix": settings.cloudinary_upload_prefix,
            "resource_type": "raw",
            "type": "private",
        }
        self._http = urllib3.PoolManager(timeout=_TIMEOUT)

    async def save(self, path: str, content: bytes) -> None:
        """Keep a file."""
        upload = partial(cloudinary.uploader.upload, content, public_id=path, filename=path, timeout=_TIMEOUT)
        await self._call(upload)

    async def open(self, path: str) -> AsyncIterator[bytes]:
        """The content of a file, in pieces."""
        url = cloudinary.utils.private_download_url(path, "", **self._options)
        with _translated():
            response = await run_sync(partial(self._http.request, "GET", url, preload_content=False))
            if response.status != 200:
                response.release_conn()
                raise urllib3.exceptions.HTTPError
        return self._pieces(response)

    async def remove(self, path: str) -> None:
        """Forget a file."""
        await self._call(partial(cloudinary.uploader.destroy, path, invalidate=True, timeout=_TIMEOUT))

    async def _call(self, action: Callable[..., T]) -> T:
        with _translated():
            return await run_sync(partial(action, **self._options))

    async def _pieces(self, response: Any) -> AsyncIterator[bytes]:
        try:
            while piece := await run_sync(response.read, _CHUNK):
                yield piece
        finally:
            response.release_conn()


def _s3(settings: Settings) -> S3Store:
    secret = settings.s3_secret_access_key
    given = {
        "endpoint": settings.s3_endpoint,
        "access_key_id": settings.s3_access_key_id,
        "secret_access_key": secret.get_secret_value() if secret else None,
    }
    return S3Store(
        settings.s3_bucket,
        region=settings.s3_region,
        client_options={"allow_http": True, "timeout": timedelta(seconds=_TIMEOUT)},
        retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=_TIMEOUT)},
        **{name: value for name, value in given.items() if value},  # type: ignore[arg-type]
    )


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (BaseError, OSError, cloudinary.exceptions.Error, urllib3.exceptions.HTTPError) as error:
        # The clients' own messages hold addresses, and some of them keys.
        log.warning("the storage failed", reason=type(error).__name__)
        raise StorageError from None
