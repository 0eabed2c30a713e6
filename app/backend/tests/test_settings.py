from pathlib import Path

import pytest

from app.settings import ConfigurationError, Settings, load_settings
from tests.conftest import SECRET, make_settings

ALL_NAMES = {name.upper() for name in Settings.model_fields} | {
    "BETTER_AUTH_SECRET",
    "SECRET_KEY",
    "JWT_EXPIRATION_HOURS",
    "JWT_EXPIRE_DAYS",
}
OTHER_SECRET = SECRET[::-1]
DATABASE_URL = "postgresql://todo:hunter2-db@db.internal:5432/todo"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ALL_NAMES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATABASE_URL", DATABASE_URL)
    return monkeypatch


def load(environment: pytest.MonkeyPatch, **variables: str) -> Settings:
    for name, value in variables.items():
        environment.setenv(name, value)
    return load_settings()


def refusal(environment: pytest.MonkeyPatch, **variables: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        load(environment, **variables)
    message = str(caught.value)
    assert not [value for value in variables.values() if len(value) > 5 and value in message]
    assert "hunter2-db" not in message
    return message


def test_defaults_are_those_of_production(environment: pytest.MonkeyPatch) -> None:
    settings = load(environment, JWT_SECRET=SECRET)
    assert not settings.in_development
    assert (settings.api_prefix, settings.jwt_expiry, settings.jwt_algorithm) == ("/api/v1", 900, "HS256")
    assert (settings.database_pool_size, settings.database_max_overflow) == (10, 5)
    assert (settings.database_pool_timeout, settings.database_pool_recycle) == (30, 3600)
    assert (settings.log_level, settings.log_format, settings.web_concurrency) == ("info", "json", 2)


@pytest.mark.parametrize("name", ["JWT_SECRET", "BETTER_AUTH_SECRET", "SECRET_KEY"])
def test_the_signing_key_has_three_names(environment: pytest.MonkeyPatch, name: str) -> None:
    assert load(environment, **{name: SECRET}).jwt_secret.get_secret_value() == SECRET


@pytest.mark.parametrize("name", ["JWT_SECRET_PREVIOUS", "BETTER_AUTH_SECRET_PREVIOUS", "SECRET_KEY_PREVIOUS"])
def test_further_keys_have_three_names(environment: pytest.MonkeyPatch, name: str) -> None:
    assert load(environment, JWT_SECRET=SECRET).jwt_keys == (SECRET,)
    assert load(environment, JWT_SECRET=SECRET, **{name: ""}).jwt_keys == (SECRET,)
    settings = load(environment, JWT_SECRET=SECRET, **{name: f"{OTHER_SECRET}\n{2 * OTHER_SECRET}"})
    assert settings.jwt_keys == (SECRET, OTHER_SECRET, 2 * OTHER_SECRET)


def test_names_that_agree_are_fine(environment: pytest.MonkeyPatch) -> None:
    variables = {"JWT_SECRET": SECRET, "SECRET_KEY": SECRET, "JWT_EXPIRATION_HOURS": "24", "JWT_EXPIRY": "86400"}
    assert load(environment, **variables, JWT_EXPIRE_DAYS="1").jwt_expiry == 86400


@pytest.mark.parametrize(
    ("name", "value", "seconds"),
    [("JWT_EXPIRATION_HOURS", "24", 86400), ("JWT_EXPIRY", "86400", 86400), ("JWT_EXPIRE_DAYS", "7", 604800)],
)
def test_the_tokens_life_has_three_names(environment: pytest.MonkeyPatch, name: str, value: str, seconds: int) -> None:
    assert load(environment, JWT_SECRET=SECRET, **{name: value}).jwt_expiry == seconds


@pytest.mark.parametrize(
    ("variables", "names"),
    [
        ({"JWT_SECRET": SECRET, "BETTER_AUTH_SECRET": OTHER_SECRET}, ["JWT_SECRET", "BETTER_AUTH_SECRET"]),
        ({"SECRET_KEY": SECRET, "BETTER_AUTH_SECRET": OTHER_SECRET}, ["SECRET_KEY", "BETTER_AUTH_SECRET"]),
        ({"JWT_SECRET": SECRET, "JWT_EXPIRY": "60", "JWT_EXPIRE_DAYS": "1"}, ["JWT_EXPIRY", "JWT_EXPIRE_DAYS"]),
        ({"JWT_SECRET": SECRET, "JWT_EXPIRATION_HOURS": "1.5"}, ["JWT_EXPIRATION_HOURS"]),
        ({"JWT_SECRET": SECRET, "JWT_EXPIRATION_HOURS": "0"}, ["JWT_EXPIRATION_HOURS"]),
        ({"JWT_SECRET": SECRET, "JWT_EXPIRE_DAYS": "60"}, ["REFRESH_TOKEN_DAYS"]),
        ({}, ["JWT_SECRET", "BETTER_AUTH_SECRET", "SECRET_KEY"]),
        ({"JWT_SECRET": ""}, ["JWT_SECRET"]),
        ({"BETTER_AUTH_SECRET": "x7Kq2"}, ["BETTER_AUTH_SECRET"]),
        ({"JWT_SECRET": SECRET[:31]}, ["JWT_SECRET"]),
        ({"JWT_SECRET": SECRET, "JWT_SECRET_PREVIOUS": f"{OTHER_SECRET}\nx7Kq2"}, ["JWT_SECRET_PREVIOUS"]),
        ({"JWT_SECRET": SECRET, "DATABASE_URL_FALLBACK": "mysql://todo:p@db/todo"}, ["DATABASE_URL_FALLBACK"]),
        ({"JWT_SECRET": SECRET, "JWT_ALGORITHM": "HS512"}, ["JWT_SECRET", "HS512"]),
        ({"JWT_SECRET": "your-super-long-signing-key-goes-right-here"}, ["JWT_SECRET"]),
        ({"JWT_SECRET": "changethis" * 4}, ["JWT_SECRET"]),
        ({"JWT_SECRET": "abcd" * 10}, ["JWT_SECRET"]),
        ({"JWT_SECRET": SECRET, "JWT_ALGORITHM": "none"}, ["JWT_ALGORITHM"]),
        ({"JWT_SECRET": SECRET, "JWT_ALGORITHM": "RS256"}, ["JWT_ALGORITHM"]),
        ({"JWT_SECRET": SECRET, "ENVIRONMENT": "staging"}, ["ENVIRONMENT"]),
        ({"JWT_SECRET": SECRET, "LOG_LEVEL": "loud"}, ["LOG_LEVEL"]),
        ({"JWT_SECRET": SECRET, "API_LOG_LEVEL": "loud"}, ["API_LOG_LEVEL"]),
        ({"JWT_SECRET": SECRET, "LOG_FORMAT": "xml"}, ["LOG_FORMAT"]),
        ({"JWT_SECRET": SECRET, "DEBUG": "true"}, ["DEBUG"]),
        ({"JWT_SECRET": SECRET, "API_PREFIX": "api/v1/"}, ["API_PREFIX"]),
        ({"JWT_SECRET": SECRET, "CORS_ORIGINS": "*"}, ["CORS_ORIGINS"]),
        ({"JWT_SECRET": SECRET, "CORS_ORIGINS": "http://ok,https://bad/path"}, ["CORS_ORIGINS"]),
        ({"JWT_SECRET": SECRET, "CORS_ORIGINS": "todo.local"}, ["CORS_ORIGINS"]),
        ({"JWT_SECRET": SECRET, "DATABASE_URL": "mysql://todo:p@db/todo"}, ["DATABASE_URL"]),
        ({"JWT_SECRET": SECRET, "DATABASE_URL": "postgresql://todo:p@db"}, ["DATABASE_URL"]),
        ({"JWT_SECRET": SECRET, "DATABASE_URL": "postgresql://[broken/todo"}, ["DATABASE_URL"]),
        ({"JWT_SECRET": SECRET, "DATABASE_URL": "postgresql://db/todo?sslmode"}, ["DATABASE_URL"]),
        ({"JWT_SECRET": SECRET, "DATABASE_URL": ""}, ["DATABASE_URL"]),
        ({"JWT_SECRET": SECRET, "DATABASE_URL": "postgresql://todo:Changeme@db/todo"}, ["DATABASE_URL", "password"]),
        ({"JWT_SECRET": SECRET, "DATABASE_URL": "postgresql://u:postgres@db/todo"}, ["DATABASE_URL", "password"]),
        ({"JWT_SECRET": SECRET, "PASSWORD_HASH_ALGORITHM": "md5"}, ["PASSWORD_HASH_ALGORITHM"]),
        ({"JWT_SECRET": SECRET, "PASSWORD_HASH_ROUNDS": "4"}, ["PASSWORD_HASH_ROUNDS"]),
        ({"JWT_SECRET": SECRET, "AUTH_RATE_LIMIT_ADDRESS": "0"}, ["AUTH_RATE_LIMIT_ADDRESS"]),
        ({"JWT_SECRET": SECRET, "AUTH_RATE_LIMIT_EMAIL": "61"}, ["AUTH_RATE_LIMIT_EMAIL"]),
        ({"JWT_SECRET": "x7Kq2", "LOG_FORMAT": "xml"}, ["JWT_SECRET", "LOG_FORMAT"]),
        ({"JWT_SECRET": SECRET, "WEB_CONCURRENCY": "11"}, ["DATABASE_POOL_SIZE", "WEB_CONCURRENCY"]),
        (
            {"JWT_SECRET": SECRET, "DATABASE_TOTAL_CONNECTIONS": "9", "MAX_REPLICAS": "5"},
            ["DATABASE_TOTAL_CONNECTIONS", "MAX_REPLICAS"],
        ),
        ({"JWT_SECRET": SECRET, "SCHEDULER_JOBS_PATH": "/nowhere"}, ["SCHEDULER_JOBS_PATH"]),
        ({"JWT_SECRET": SECRET, "SCHEDULER_INTERVAL": "0"}, ["SCHEDULER_INTERVAL"]),
        ({"JWT_SECRET": SECRET, "BETTER_AUTH_URL": "todo.local"}, ["BETTER_AUTH_URL"]),
        ({"JWT_SECRET": SECRET, "REFRESH_TOKEN_GRACE": "61"}, ["REFRESH_TOKEN_GRACE"]),
        ({"JWT_SECRET": SECRET, "SMTP_HOST": "mail"}, ["SMTP_FROM", "PUBLIC_URL"]),
        ({"JWT_SECRET": SECRET, "PUBLIC_URL": "todo.local"}, ["PUBLIC_URL"]),
        ({"JWT_SECRET": SECRET, "SMTP_USERNAME": "todo"}, ["SMTP_USERNAME", "SMTP_PASSWORD"]),
        (
            {"JWT_SECRET": SECRET, "SMTP_USERNAME": "todo", "SMTP_PASSWORD": "x", "SMTP_SECURITY": "none"},
            ["SMTP_SECURITY"],
        ),
        ({"JWT_SECRET": SECRET, "OTEL_EXPORTER_OTLP_ENDPOINT": "collector:4318"}, ["OTEL_EXPORTER_OTLP_ENDPOINT"]),
    ],
)
def test_refused_by_name_and_without_the_value(
    environment: pytest.MonkeyPatch, variables: dict[str, str], names: list[str]
) -> None:
    message = refusal(environment, **variables)
    assert not [name for name in names if name not in message]


def test_everything_wrong_is_told_at_once(environment: pytest.MonkeyPatch) -> None:
    variables = {"JWT_SECRET": SECRET, "SECRET_KEY": OTHER_SECRET, "JWT_EXPIRY": "never", "LOG_LEVEL": "loud"}
    with pytest.raises(ConfigurationError) as caught:
        load(environment, **variables)
    assert len(caught.value.problems) == 3


def test_development_is_lenient(environment: pytest.MonkeyPatch) -> None:
    variables = {
        "ENVIRONMENT": "Development",
        "JWT_SECRET": "short",
        "CORS_ORIGINS": "*",
        "DEBUG": "True",
        "DATABASE_URL": "postgresql://todo:password@db/todo",
    }
    settings = load(environment, **variables)
    assert settings.in_development
    assert settings.debug
    assert settings.cors_origins == ("*",)


def test_jobs_that_nobody_runs_may_be_anywhere(environment: pytest.MonkeyPatch) -> None:
    variables = {"SCHEDULER_ENABLED": "false", "SCHEDULER_JOBS_PATH": "/nowhere"}
    assert not load(environment, JWT_SECRET=SECRET, **variables).scheduler_enabled


def test_settings_as_the_documents_write_them(environment: pytest.MonkeyPatch) -> None:
    variables = {
        "API_HOST": "backend-service",
        "API_PORT": "8000",
        "API_TITLE": "Todo API",
        "API_VERSION": "0.1.0",
        "BETTER_AUTH_SECRET": SECRET,
        "CORS_ORIGINS": "http://frontend:3000, http://localhost:3000",
        "DATABASE_URL": "postgres://todo:p%40ss@db/todo?sslmode=require&channel_binding=require",
        "DEBUG": "False",
        "LOG_LEVEL": "DEBUG",
        "PASSWORD_HASH_ALGORITHM": "bcrypt",
        "PASSWORD_HASH_ROUNDS": "12",
        "SCHEDULER_ENABLED": "true",
        "SCHEDULER_JOBS_PATH": "backend/src/jobs",
    }
    settings = load(environment, **variables)
    assert settings.cors_origins == ("http://frontend:3000", "http://localhost:3000")
    assert settings.database_dsns == ("postgresql://todo:p%40ss@db/todo?sslmode=require",)
    assert (settings.api_version, settings.log_level, settings.debug) == ("0.1.0", "debug", False)


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_says_what_it_is(name: str) -> None:
    assert Settings.model_fields[name].description


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg", "postgresql+psycopg"])
def test_the_databases_scheme_has_several_forms(scheme: str) -> None:
    assert make_settings(f"{scheme}://u:p@db:5/todo").database_dsns == ("postgresql://u:p@db:5/todo",)


def test_secrets_are_in_no_representation() -> None:
    settings = make_settings(DATABASE_URL)
    assert SECRET not in repr(settings)
    assert "hunter2-db" not in repr(settings)


@pytest.mark.parametrize(
    ("settings", "size", "overflow"),
    [
        ({"web_concurrency": 1}, 10, 5),
        ({"web_concurrency": 2}, 5, 2),
        ({"web_concurrency": 3}, 3, 1),
        ({"web_concurrency": 10}, 1, 0),
        ({"database_total_connections": 100, "max_replicas": 4}, 5, 2),
        ({"database_total_connections": 48, "max_replicas": 4}, 5, 1),
        ({"database_total_connections": 36, "max_replicas": 4}, 4, 0),
        ({"database_total_connections": 11, "max_replicas": 5}, 1, 0),
    ],
)
def test_what_is_set_for_the_pod_is_divided(settings: dict[str, int], size: int, overflow: int) -> None:
    made = make_settings(DATABASE_URL, **settings)
    assert (made.pool_size, made.pool_overflow) == (size, overflow)
    if total := settings.get("database_total_connections"):
        assert (size + overflow) * made.web_concurrency * made.max_replicas <= total


def test_a_file_in_the_working_directory_changes_nothing(environment: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("API_TITLE=From a file")
    environment.chdir(tmp_path)
    assert load(environment, JWT_SECRET=SECRET).api_title == "Todo API"


@pytest.mark.parametrize(
    ("variables", "names"),
    [
        ({"CLOUDINARY_CLOUD_NAME": "c", "CLOUDINARY_API_KEY": "k"}, ["CLOUDINARY_API_SECRET"]),
        ({"CLOUDINARY_API_SECRET": "s3cr3t-4711"}, ["CLOUDINARY_CLOUD_NAME", "CLOUDINARY_API_KEY"]),
        ({"S3_BUCKET": "b", "ATTACHMENT_FOLDER": "/data"}, ["S3_BUCKET", "ATTACHMENT_FOLDER"]),
        ({"TASK_TITLE_LENGTH": "256"}, ["TASK_TITLE_LENGTH"]),
    ],
)
def test_storages_that_are_incomplete_or_several_are_named(
    environment: pytest.MonkeyPatch, variables: dict[str, str], names: list[str]
) -> None:
    message = refusal(environment, JWT_SECRET=SECRET, **variables)
    assert [name for name in names if name not in message] == []
