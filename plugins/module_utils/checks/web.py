"""One request and its expected answer; a page also loads the files that it refers to."""

from __future__ import annotations

import urllib.parse
from html.parser import HTMLParser

from ansible_collections.todo.platform.plugins.module_utils.checks.expect import differences
from ansible_collections.todo.platform.plugins.module_utils.checks.model import (
    Context,
    Outcome,
    Settings,
    plural,
    shorten,
)
from ansible_collections.todo.platform.plugins.module_utils.checks.target import Target, TargetError, open_target
from ansible_collections.todo.platform.plugins.module_utils.http import RequestError, Response
from ansible_collections.todo.platform.plugins.module_utils.kubectl import KubectlError

MOST_REDIRECTS = 5


def check_http(settings: Settings, context: Context) -> Outcome:
    """Check that a GET is answered as expected."""
    return _check(settings, context, page=False)


def check_page(settings: Settings, context: Context) -> Outcome:
    """Check that an HTML page loads, after redirects on its own site, with its scripts and style sheets."""
    return _check(settings, context, page=True)


def _check(settings: Settings, context: Context, page: bool) -> Outcome:
    path = settings["path"]
    expected = {"content_type": "text/html"} if page else {}
    expected |= {key: value for key, value in (settings.get("expect") or {}).items() if value is not None}
    try:
        # The API server writes its own paths into the addresses of a page.
        with open_target(settings, context, direct=page) as target:
            response = _get(target, path, settings)
            for _ in range(MOST_REDIRECTS if page else 0):
                if not (location := _redirect(response, path)):
                    break
                path = location
                response = _get(target, path, settings)
            problems = differences(response, expected)
            assets = _assets(response.text, path) if page and not problems else []
            answers = context.each(lambda asset: _get(target, asset, settings), assets)
            problems += [
                f"its file {asset} gives HTTP {answer.status}"
                for asset, answer in zip(assets, answers, strict=True)
                if not answer.succeeded
            ]
    except (RequestError, TargetError, KubectlError) as error:
        return Outcome("failed", f"GET {path}: {error}")
    where = f"GET {target.name}{path}"
    if problems:
        return Outcome("failed", shorten(f"{where}: {'; '.join(problems)}", 400))
    loaded = f", {plural(len(assets), 'file')} loaded" if assets else ""
    return Outcome("ok", f"{where} gives {response.status}{loaded}")


def _get(target: Target, path: str, settings: Settings) -> Response:
    headers = {**dict(target.headers), **(settings.get("headers") or {})}
    return target.endpoint.request(path, headers=headers, timeout=settings["request_timeout"])


def _redirect(response: Response, path: str) -> str | None:
    """The path on the same site that a redirect leads to."""
    if response.status not in (301, 302, 303, 307, 308) or "location" not in response.headers:
        return None
    parts = urllib.parse.urlsplit(urllib.parse.urljoin(path, response.headers["location"]))
    return None if parts.netloc else urllib.parse.urlunsplit(("", "", parts.path, parts.query, ""))


class _Assets(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        address = attributes.get("src") if tag == "script" else None
        if tag == "link" and "stylesheet" in (attributes.get("rel") or ""):
            address = attributes.get("href")
        if address:
            self.found.append(address)


def _assets(html: str, path: str) -> list[str]:
    """The scripts and style sheets of a page that come from its own site, each once."""
    parser = _Assets()
    parser.feed(html)
    own = [urllib.parse.urlsplit(urllib.parse.urljoin(path, address)) for address in parser.found]
    return list(
        dict.fromkeys(
            urllib.parse.urlunsplit(("", "", parts.path, parts.query, ""))
            for parts in own
            if not parts.netloc and not parts.scheme
        )
    )
