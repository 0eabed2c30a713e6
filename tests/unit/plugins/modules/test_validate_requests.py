"""The checks that send requests to the application: http, page, story and ingress, against real servers."""

from __future__ import annotations

import secrets
from typing import Any

import pytest
from ansible_collections.todo.platform.plugins.module_utils.checks.expect import mismatches, pick
from ansible_collections.todo.platform.plugins.module_utils.checks.ingress import check_ingress, sample_path
from ansible_collections.todo.platform.plugins.module_utils.checks.model import Outcome
from ansible_collections.todo.platform.plugins.module_utils.checks.story import Memory, check_story
from ansible_collections.todo.platform.plugins.module_utils.checks.web import check_http, check_page
from kubernetes_standin import Answer, KubernetesStandin, Request, Server, context, service

HTTP = {"path": "/", "request_timeout": 5}


@pytest.fixture
def standin() -> KubernetesStandin:
    return KubernetesStandin()


# ---- http ----------------------------------------------------------------------------------------------------------


def http(standin: KubernetesStandin, answer: Answer, **settings: Any) -> Outcome:
    standin.objects["services"] = [service("api", 8000)]
    standin.applications["services/api:8000"] = lambda _: answer
    with context(standin) as given:
        return check_http({**HTTP, "service": "api", **settings}, given)


def test_an_answer_as_expected(standin: KubernetesStandin) -> None:
    outcome = http(standin, Answer(200, {"status": "healthy"}), path="/health", expect={"json": {"status": "healthy"}})
    assert (outcome.status, outcome.detail) == ("ok", "GET api:8000/health gives 200")


@pytest.mark.parametrize(
    ("answer", "expect", "problem"),
    [
        (Answer(503, {"database": "error: gone"}), {"status": [200]}, "HTTP 503 instead of 200"),
        (Answer(404), {}, "HTTP 404 instead of 2xx"),
        (Answer(200), {"status": [201, 202]}, "HTTP 200 instead of 201 or 202"),
        (Answer(200, "hello"), {"contains": "goodbye"}, "its body has no 'goodbye'"),
        (Answer(200, "hello"), {"json": {}}, "its body is not JSON"),
        (Answer(200, {"a": 1}), {"json": {"a": 2}}, "a is 1 instead of 2"),
        (Answer(200, "hello"), {"content_type": "text/html"}, "its content is text/plain instead of text/html"),
    ],
)
def test_each_difference_is_named(
    standin: KubernetesStandin, answer: Answer, expect: dict[str, Any], problem: str
) -> None:
    outcome = http(standin, answer, expect=expect)
    assert outcome.status == "failed"
    assert problem in outcome.detail


def test_a_service_that_is_not_there_is_named(standin: KubernetesStandin) -> None:
    outcome = http(standin, Answer(), service="other")
    assert outcome.detail == "GET /: there is no Service other in namespace todo-test"


def test_a_service_that_cannot_be_reached_says_what_the_api_server_said(standin: KubernetesStandin) -> None:
    outcome = http(standin, Answer(), port=9999)
    assert outcome.status == "failed"
    assert "connection refused" in outcome.detail


def test_a_url_and_an_ingress_host_are_asked_directly(standin: KubernetesStandin) -> None:
    server = Server(lambda request: Answer(200, request.headers["host"]))
    with server.running() as url, context(standin, ingress=url) as given:
        assert check_http({**HTTP, "url": f"{url}/base", "path": "/x"}, given).status == "ok"
        assert (
            check_http({**HTTP, "ingress": "todo.localhost", "expect": {"contains": "todo.localhost"}}, given).status
            == "ok"
        )
    assert [request.path for request in server.requests] == ["/base/x", "/"]
    with context(standin) as given:
        assert "ingress controller is not known" in check_http({**HTTP, "ingress": "todo.localhost"}, given).detail
        assert "not an http" in check_http({**HTTP, "url": "ftp://x"}, given).detail


@pytest.mark.parametrize(
    ("actual", "expected", "found"),
    [
        ({"a": 1, "b": 2}, {"a": 1}, []),
        ({"a": {"b": [1, 2, 3]}}, {"a": {"b": [3, 1]}}, []),
        ({"a": {"b": [1]}}, {"a": {"b": [2]}}, ["a.b has no element like 2"]),
        ([{"id": 1}, {"id": 2, "x": 3}], [{"id": 2}], []),
        ({}, {"a": None}, ["a is missing"]),
        ({"a": None}, {"a": None}, []),
        ([], {"a": 1}, ["the body is [] instead of an object"]),
        ({"a": 1}, {"a": [1]}, ["a is 1 instead of a list"]),
        ("x", "y", ["the body is 'x' instead of 'y'"]),
    ],
)
def test_json_is_compared_as_a_part(actual: Any, expected: Any, found: list[str]) -> None:
    assert mismatches(actual, expected) == found


def test_values_are_picked_by_path() -> None:
    document = {"items": [{"id": 7}], "token": "t"}
    assert (pick(document, "token"), pick(document, "items.0.id")) == ("t", 7)
    for path in ("nothing", "items.1.id", "items.x", "token.x"):
        with pytest.raises(KeyError):
            pick(document, path)


# ---- page ----------------------------------------------------------------------------------------------------------

PAGE = """<!doctype html><title>Todo</title><link rel="stylesheet" href="/style.css"><link rel="icon" href="/icon">
<script src="/app.js"></script><script src="/app.js"></script><script src="https://cdn.example/x.js"></script>"""
HTML = {"Content-Type": "text/html; charset=utf-8"}


def page(standin: KubernetesStandin, files: dict[str, Answer], **settings: Any) -> Outcome:
    server = Server(lambda request: files.get(request.path, Answer(404)))
    with server.running() as url, context(standin) as given:
        return check_page({**HTTP, "url": url, **settings}, given)


def test_a_page_loads_with_its_own_files(standin: KubernetesStandin) -> None:
    files = {
        "/": Answer(307, headers={"Location": "/sign-in"}),
        "/sign-in": Answer(200, PAGE, HTML),
        "/style.css": Answer(),
        "/app.js": Answer(),
    }
    outcome = page(standin, files, expect={"contains": "Todo"})
    assert outcome.status == "ok", outcome.detail
    assert outcome.detail.endswith("/sign-in gives 200, 2 files loaded")


def test_a_page_with_a_missing_file_is_a_failure(standin: KubernetesStandin) -> None:
    outcome = page(standin, {"/": Answer(200, PAGE, HTML), "/app.js": Answer()})
    assert outcome.status == "failed"
    assert "/style.css gives HTTP 404" in outcome.detail


def test_json_is_no_page(standin: KubernetesStandin) -> None:
    assert page(standin, {"/": Answer(200, {})}).status == "failed"


def test_a_redirect_to_another_site_or_in_circles_is_a_failure(standin: KubernetesStandin) -> None:
    away = Answer(302, headers={"Location": "https://elsewhere.example/"})
    circle = Answer(302, headers={"Location": "/"})
    assert "HTTP 302" in page(standin, {"/": away}).detail
    assert "HTTP 302" in page(standin, {"/": circle}).detail


# ---- story ---------------------------------------------------------------------------------------------------------


class Notes:
    """A small application with accounts: sign up, log in (token and cookie), notes, and leave."""

    def __init__(self) -> None:
        self.accounts: dict[str, str] = {}
        self.notes: list[dict[str, Any]] = []
        self.token = secrets.token_hex(16)
        self.broken = ""

    def __call__(self, request: Request) -> Answer:
        """Answer one request."""
        route = f"{request.method} {request.path}"
        if route == self.broken:
            return Answer(500, {"error": f"broken, and it says {request.headers.get('authorization', 'nothing')}"})
        if route in ("POST /signup", "POST /login"):
            return self._enter(route, request.json())
        authorized = request.headers.get("authorization") == f"Bearer {self.token}"
        if not authorized or "session=" not in request.headers.get("cookie", ""):
            return Answer(401)
        return self._inside(route, request)

    def _inside(self, route: str, request: Request) -> Answer:
        if route == "POST /notes":
            self.notes.append({"id": len(self.notes) + 1, **request.json()})
            return Answer(201, self.notes[-1])
        if route == "GET /notes":
            return Answer(200, {"items": self.notes})
        if route == "DELETE /me":
            self.accounts.clear()
            return Answer(204)
        return Answer(404)

    def _enter(self, route: str, who: dict[str, str]) -> Answer:
        if route == "POST /signup":
            self.accounts[who["email"]] = who["password"]
            return Answer(201)
        if self.accounts.get(who["email"]) != who["password"]:
            return Answer(401)
        return Answer(200, {"access_token": self.token}, {"Set-Cookie": "session=abcdefgh; HttpOnly; Path=/"})


def step(name: str, method: str, path: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "method": method, "path": path, **more}


WHO = {"email": "check-${random}@example.test", "password": "${password}"}
TOKEN = {"Authorization": "Bearer ${token}"}
STORY = [
    step("sign up", "POST", "/signup", json=WHO, expect={"status": [201]}),
    step("log in", "POST", "/login", json=WHO, capture={"token": "access_token"}),
    step("make", "POST", "/notes", json={"title": "note ${random}", "done": True}, headers=TOKEN, capture={"id": "id"}),
    step("list", "GET", "/notes", headers=TOKEN, expect={"json": {"items": [{"id": "${id}", "done": True}]}}),
    step("leave", "DELETE", "/me", headers=TOKEN, always=True),
]


def story(standin: KubernetesStandin, application: Notes, steps: list[dict[str, Any]] = STORY) -> Outcome:
    with Server(application).running() as url, context(standin) as given:
        return check_story({"url": url, "request_timeout": 5, "steps": steps}, given)


def test_a_story_passes_on_what_it_learns_and_leaves_nothing(standin: KubernetesStandin) -> None:
    notes = Notes()
    outcome = story(standin, notes)
    assert (outcome.status, outcome.detail) == ("ok", "5 requests: sign up, log in, make, list, leave")
    assert notes.accounts == {}
    assert notes.notes[0]["title"].startswith("note ")
    assert "$" not in notes.notes[0]["title"]


def test_a_story_that_fails_still_tidies_up_and_shows_no_secret(standin: KubernetesStandin) -> None:
    notes = Notes()
    notes.broken = "POST /notes"
    outcome = story(standin, notes)
    assert outcome.status == "failed"
    assert outcome.detail.startswith("make: POST /notes: HTTP 500 instead of 2xx")
    assert notes.token not in outcome.detail
    assert "Bearer ***" in outcome.detail
    assert notes.accounts == {}


def test_a_failed_sign_up_needs_no_tidying(standin: KubernetesStandin) -> None:
    notes = Notes()
    notes.broken = "POST /signup"
    outcome = story(standin, notes)
    assert outcome.detail.count(";") == 0
    assert outcome.detail.startswith("sign up: ")


def test_an_account_that_stays_is_a_failure(standin: KubernetesStandin) -> None:
    notes = Notes()
    notes.broken = "DELETE /me"
    outcome = story(standin, notes)
    assert outcome.status == "failed"
    assert outcome.detail.startswith("leave: DELETE /me: HTTP 500")


def test_what_cannot_be_captured_is_named(standin: KubernetesStandin) -> None:
    steps = [*STORY[:1], step("log in", "POST", "/login", json=WHO, capture={"token": "token"})]
    assert story(standin, Notes(), steps).detail == "log in: POST /login: its answer has no token"


def test_a_server_that_does_not_answer_may_be_asked_again(standin: KubernetesStandin) -> None:
    with Server(Notes()).running() as url:
        pass
    with context(standin) as given:
        outcome = check_story({"url": url, "request_timeout": 5, "steps": STORY}, given)
    assert outcome.status == "failed"
    assert not outcome.final


def test_a_service_with_a_token_needs_a_port_forward(standin: KubernetesStandin) -> None:
    standin.objects["services"] = [service("api", 8000)]
    with context(standin) as given:
        outcome = check_story({"service": "api", "request_timeout": 5, "steps": STORY}, given)
    assert "port-forward" in outcome.detail
    assert "kubectl-that-is-not-there" in outcome.detail


def test_placeholders_keep_types() -> None:
    memory = Memory({"id": 7, "name": "x"})
    assert memory.fill({"a": ["${id}", "no ${id} of ${name}", 3, None]}) == {"a": [7, "no 7 of x", 3, None]}
    with pytest.raises(KeyError):
        memory.fill("${nothing}")


# ---- ingress -------------------------------------------------------------------------------------------------------


def ingress(standin: KubernetesStandin, hosts: dict[str, list[tuple[str, str]]], controller: Any) -> Outcome:
    rules = [
        {
            "host": host,
            "http": {
                "paths": [
                    {"path": path, "pathType": kind, "backend": {"service": {"name": "web"}}} for path, kind in paths
                ]
            },
        }
        for host, paths in hosts.items()
    ]
    standin.objects["ingresses"] = [{"metadata": {"name": "web"}, "spec": {"rules": rules}}]
    with Server(controller).running() as url, context(standin, ingress=url) as given:
        return check_ingress({"request_timeout": 5}, given)


def controller(request: Request) -> Answer:
    if request.headers["host"] == "todo.localhost":
        return {"/": Answer(200, "page"), "/api/": Answer(404, {"detail": "Not Found"}), "/bad": Answer(502)}.get(
            request.path, Answer(404, "404 page not found")
        )
    return Answer(404, "404 page not found")


def test_rules_are_tried_with_their_host(standin: KubernetesStandin) -> None:
    outcome = ingress(
        standin, {"todo.localhost": [("/", "Prefix"), ("/api/(.*)", "ImplementationSpecific")]}, controller
    )
    assert (outcome.status, outcome.detail) == ("ok", "todo.localhost/ 200, todo.localhost/api/ 404")


@pytest.mark.parametrize(
    ("host", "path", "problem"),
    [
        ("other.localhost", "/", "other.localhost/ is not routed to web"),
        ("todo.localhost", "/bad", "todo.localhost/bad: HTTP 502 from web"),
    ],
)
def test_a_rule_that_is_not_routed_is_named(standin: KubernetesStandin, host: str, path: str, problem: str) -> None:
    outcome = ingress(standin, {host: [(path, "Prefix")]}, controller)
    assert outcome.status == "failed"
    assert problem in outcome.detail


def test_a_controller_that_is_gone_or_unknown(standin: KubernetesStandin) -> None:
    with Server(controller).running() as url:
        pass
    rule = {"host": "x", "http": {"paths": [{"backend": {"service": {"name": "web"}}}]}}
    standin.objects["ingresses"] = [{"metadata": {"name": "web"}, "spec": {"rules": [rule]}}]
    with context(standin, ingress=url) as given:
        assert "connection refused" in check_ingress({"request_timeout": 5}, given).detail
    with context(standin) as given:
        assert check_ingress({"request_timeout": 5}, given).status == "warning"


@pytest.mark.parametrize(
    ("path", "kind", "sample"),
    [
        ("/", "Prefix", "/"),
        ("/api/(.*)", "ImplementationSpecific", "/api/"),
        ("/()(.*)", "ImplementationSpecific", "/"),
        ("/foo(/|$)(.*)", "ImplementationSpecific", "/foo"),
        ("^/health$", "ImplementationSpecific", "/health"),
        ("/v1.0/x", "ImplementationSpecific", "/v1.0/x"),
        ("/a(b)", "Exact", "/a(b)"),
    ],
)
def test_a_path_that_a_rule_matches(path: str, kind: str, sample: str) -> None:
    assert sample_path(path, kind) == sample
