"""What a vault and Secrets hold: table by table, and no message with a value in it."""

from __future__ import annotations

import base64
import re
from typing import Any

import pytest
from ansible_collections.todo.platform.plugins.module_utils.secretdata import (
    CHECKSUM,
    CHECKSUM_KEY,
    DEPLOYMENT,
    MANAGED_BY,
    MANAGER,
    LiveSecret,
    VaultKey,
    WantedSecret,
    checksum,
    equality_problems,
    managed_metadata,
    missing_generated,
    plan,
    random_value,
    vault_keys,
    vault_problems,
    wanted_secrets,
)
from cryptography import x509
from cryptography.hazmat.primitives import serialization

CANARY = "cAnArY-value"
KEY = "the vault's own key"


# --- the vault -------------------------------------------------------------------------------------------------------
def test_the_checksum_key_is_always_wanted() -> None:
    assert [key.name for key in vault_keys([{"name": "vault_a"}])] == ["vault_a", CHECKSUM_KEY]
    own = {"name": CHECKSUM_KEY, "generate": False, "min_length": 64}
    assert vault_keys([own]) == [VaultKey(CHECKSUM_KEY, False, 64)]


def test_a_key_declared_twice() -> None:
    with pytest.raises(ValueError, match="declares vault_a more than once"):
        vault_keys([{"name": "vault_a"}, {"name": "vault_b"}, {"name": "vault_a"}])


@pytest.mark.parametrize("length", [0, 1, 43, 44, 200])
def test_a_random_value_needs_no_quoting_anywhere(length: int) -> None:
    value = random_value(length)
    assert re.fullmatch(r"[A-Za-z0-9]+", value)
    assert len(value) == max(43, length)
    assert value != random_value(length)


def test_a_certificate_is_for_its_names_and_fits_its_key() -> None:
    (key, _) = vault_keys(
        [{"name": "vault_tls", "generate": True, "certificate": ["todo.example.com", "www.example.com"]}]
    )
    made = key.make_up().encode()
    private = serialization.load_pem_private_key(made, None)
    certificate = x509.load_pem_x509_certificate(made)
    assert certificate.public_key() == private.public_key()
    certificate.verify_directly_issued_by(certificate)
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["todo.example.com", "www.example.com"]
    assert made.count(b"-----BEGIN") == 2
    assert VaultKey("vault_a").make_up().isalnum()


@pytest.mark.parametrize(
    ("key", "values", "problem"),
    [
        (VaultKey("vault_a"), {"vault_a": CANARY}, ""),
        (VaultKey("vault_a"), {}, "vault_a is missing"),
        (VaultKey("vault_a"), {"vault_a": ""}, "vault_a is empty"),
        (VaultKey("vault_a"), {"vault_a": None}, "vault_a is empty"),
        (VaultKey("vault_a", optional=True), {}, ""),
        (VaultKey("vault_a", optional=True), {"vault_a": ""}, ""),
        (
            VaultKey("vault_a", optional=True, min_length=20),
            {"vault_a": CANARY},
            "vault_a is shorter than 20 characters",
        ),
        (VaultKey("vault_a", min_length=12), {"vault_a": CANARY}, ""),
        (VaultKey("vault_a", min_length=13), {"vault_a": CANARY}, "vault_a is shorter than 13 characters"),
        (VaultKey("vault_a"), {"vault_a": 12345}, "vault_a is not text: put it in quotes"),
        (VaultKey("vault_a"), {"vault_a": 0}, "vault_a is not text: put it in quotes"),
        (VaultKey("vault_a"), {"vault_a": {"x": CANARY}}, "vault_a is not text: put it in quotes"),
        (
            VaultKey("vault_jwt_secret", optional=True),
            {"vault_jwt_secrt": CANARY},
            "vault_jwt_secrt is not in secrets_vault_spec: did you mean vault_jwt_secret?",
        ),
    ],
)
def test_vault_problems(key: VaultKey, values: dict[str, object], problem: str) -> None:
    problems = vault_problems(values, [key])
    assert [text.removesuffix(", or YAML reads it as something else") for text in problems] == [problem] * bool(problem)
    assert CANARY not in str(problems)


def test_all_problems_at_once() -> None:
    keys = [VaultKey("vault_a"), VaultKey("vault_b", min_length=99), VaultKey("vault_c")]
    assert len(vault_problems({"vault_b": CANARY, "vault_c": "", "other": CANARY}, keys)) == 4


def test_only_what_is_absent_is_made_up() -> None:
    keys = [VaultKey("vault_a", generate=True), VaultKey("vault_b"), VaultKey("vault_c", generate=True)]
    assert missing_generated({"vault_c": ""}, keys) == [keys[0]]


# --- the checksum ----------------------------------------------------------------------------------------------------
def test_the_checksum_depends_on_names_values_and_the_key_alone() -> None:
    one = checksum({"a": b"1", "b": b"2"}, KEY)
    assert re.fullmatch(r"[0-9a-f]{64}", one)
    assert one == checksum({"b": b"2", "a": b"1"}, KEY)
    others = [
        checksum({"a": b"1"}, KEY),
        checksum({"a": b"2", "b": b"1"}, KEY),
        checksum({"a": b"1", "b": b"2"}, KEY + "x"),
        checksum({"a": b"1b", "": b"2"}, KEY),
    ]
    assert len({one, *others}) == 5


# --- Secrets ---------------------------------------------------------------------------------------------------------
def test_wanted_secrets() -> None:
    items: list[dict[str, Any]] = [
        {"name": "a", "data": {"ENV_NAME": "x", "kebab-case": "ü", "EMPTY": ""}},
        {"name": "b", "namespace": "other", "type": "T", "data": None, "adopt": False, "force": True},
    ]
    wanted, problems = wanted_secrets(items, "here")
    assert problems == []
    assert wanted == [
        WantedSecret("a", "here", {"ENV_NAME": b"x", "kebab-case": "ü".encode(), "EMPTY": b""}),
        WantedSecret("b", "other", {}, "T", adopt=False, force=True),
    ]


def test_what_is_wrong_with_the_data() -> None:
    items: list[dict[str, Any]] = [
        {"name": "a", "data": {"NUMBER": 5, "NOTHING": None, "a key": CANARY}},
        {"name": "a", "namespace": "here", "data": {}},
    ]
    _, problems = wanted_secrets(items, "here")
    assert problems == [
        "Secret here/a: NUMBER is not text: put it in quotes",
        "Secret here/a: NOTHING is not text: put it in quotes",
        "Secret here/a: the key a key may hold only letters, digits, '-', '_' and '.'",
        "Secret here/a is listed twice",
    ]


def test_a_secret_as_the_api_has_it() -> None:
    item = {
        "metadata": {"name": "a", "labels": {MANAGED_BY: MANAGER}},
        "data": {"A": base64.b64encode(b"\0\xff").decode()},
        "type": "T",
        "immutable": True,
    }
    assert LiveSecret.of(item) == LiveSecret({"A": b"\0\xff"}, "T", {MANAGED_BY: MANAGER}, {}, immutable=True)
    bare = LiveSecret.of({"metadata": {"name": "a"}})
    assert bare == LiveSecret({}, "Opaque", {}, {})
    assert not bare.managed


DATA = {"A": b"1", "B": b"2"}


def wanted(**changes: Any) -> WantedSecret:
    return WantedSecret("it", "here", DATA, **changes)


def ours(data: dict[str, bytes], **changes: Any) -> LiveSecret:
    metadata = managed_metadata("dev", checksum(DATA, KEY))
    return LiveSecret(data, "Opaque", metadata["labels"], metadata["annotations"], **changes)


def by_hand(data: dict[str, bytes], noted: str = "") -> LiveSecret:
    return LiveSecret(data, "Opaque", {"team": "x"}, {CHECKSUM: noted} if noted else {})


MORE = DATA | {"C": b"3"}


@pytest.mark.parametrize(
    ("secret", "live", "action", "summary"),
    [
        pytest.param(wanted(), None, "create", "A added, B added", id="nothing there"),
        pytest.param(wanted(), ours(DATA), "none", "none", id="equal"),
        pytest.param(wanted(), ours({"A": b"x", "C": b"3"}), "update", "B added, A changed, C removed", id="each kind"),
        pytest.param(
            wanted(),
            LiveSecret(DATA, "Opaque", {MANAGED_BY: MANAGER}, {}),
            "update",
            "labels changed",
            id="labels gone",
        ),
        pytest.param(
            wanted(), LiveSecret(MORE, "Opaque", {DEPLOYMENT: "dev"}, {}), "update", "C removed", id="ours by one label"
        ),
        pytest.param(wanted(), by_hand(MORE), "adopt", "adopted as it is", id="by hand"),
        pytest.param(wanted(), by_hand(MORE, checksum(MORE, KEY)), "none", "none", id="by hand, noted"),
        pytest.param(wanted(), by_hand(MORE, "older"), "adopt", "adopted as it is", id="by hand, changed since"),
        pytest.param(wanted(), by_hand({"A": b"x"}), "refuse", "lacks B", id="by hand, a key is missing"),
        pytest.param(wanted(adopt=False), by_hand(MORE), "refuse", "adopt: false", id="by hand, unwanted"),
        pytest.param(wanted(force=True), by_hand(MORE), "update", "C removed", id="by hand, replaced"),
        pytest.param(wanted(type="T"), ours(DATA), "refuse", "type Opaque", id="another type"),
        pytest.param(wanted(), ours(MORE, immutable=True), "refuse", "immutable", id="immutable"),
        pytest.param(wanted(), ours(DATA, immutable=True), "none", "none", id="immutable and equal"),
    ],
)
def test_plan(secret: WantedSecret, live: LiveSecret | None, action: str, summary: str) -> None:
    found = plan(secret, live, key=KEY, deployment="dev")
    assert found.action == action
    if action == "refuse":
        assert summary in found.problem
        assert "kubectl -n here delete secret it" in found.problem
    else:
        assert found.summary == summary
        assert found.checksum == checksum(live.data if live and not live.managed and not secret.force else DATA, KEY)


@pytest.mark.parametrize(
    ("group", "problem"),
    [
        ([("one", "A"), ("two", "b")], ""),
        ([("one", "A"), ("two", "c")], "A of here/one and c of here/two must be equal and are not"),
        ([("one", "A"), ("two", "x")], "secrets_equal names what no Secret holds: x of here/two"),
        ([("one", "A"), ("three", "A")], "secrets_equal names what no Secret holds: A of here/three"),
    ],
)
def test_equality(group: list[tuple[str, str]], problem: str) -> None:
    data = {"here/one": {"A": CANARY.encode()}, "here/two": {"b": CANARY.encode(), "c": b"other"}}
    places = [{"secret": secret, "key": key} for secret, key in group]
    assert equality_problems([places], data, "here") == [problem] * bool(problem)


def test_equality_across_namespaces() -> None:
    data = {"here/one": {"A": b"1"}, "there/one": {"A": b"1"}}
    assert (
        equality_problems(
            [[{"secret": "one", "key": "A"}, {"secret": "one", "key": "A", "namespace": "there"}]], data, "here"
        )
        == []
    )
