"""Settings: complete at start, or one message that names all that is wrong."""

from pathlib import Path

import pytest

from app.config import Settings, SettingsError, load_settings

COMPLETE = {
    "FLUXMIG_GITHUB_APP_ID": "1",
    "FLUXMIG_GITHUB_PRIVATE_KEY": "-----BEGIN",
    "FLUXMIG_GITHUB_WEBHOOK_SECRET": "hush",
    "FLUXMIG_SECRET_KEY": "k" * 32,
    "FLUXMIG_ADMIN_TOKEN": "t" * 32,
}


def fault(environ: dict[str, str]) -> str:
    with pytest.raises(SettingsError) as raised:
        load_settings(environ)
    return str(raised.value)


def test_everything_that_is_missing_is_named_at_once() -> None:
    assert fault({}).splitlines() == [
        "FLUXMIG_GITHUB_APP_ID: is not set (the id on the App's settings page)",
        "FLUXMIG_GITHUB_PRIVATE_KEY: is not set (the App's private key in PEM form)",
        "FLUXMIG_GITHUB_WEBHOOK_SECRET: is not set (the secret that signs GitHub's deliveries)",
        "FLUXMIG_SECRET_KEY: is not set (32 characters or more; encrypts tokens and derives cluster tokens)",
        "FLUXMIG_ADMIN_TOKEN: is not set (bearer token of the admin REST API)",
    ]


def test_an_unknown_name_is_an_error_with_the_nearest_one() -> None:
    assert fault({**COMPLETE, "FLUXMIG_PORTT": "1"}) == (
        "FLUXMIG_PORTT is not a setting of fluxmig. Did you mean FLUXMIG_PORT?"
    )


def test_a_short_secret_is_refused_without_being_shown() -> None:
    said = fault({**COMPLETE, "FLUXMIG_SECRET_KEY": "hunter2"})
    assert said.startswith("FLUXMIG_SECRET_KEY: must have 32 characters or more")
    assert "hunter2" not in said


def test_every_setting_can_come_from_a_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("from a file\n", encoding="utf-8")
    environ = {name: value for name, value in COMPLETE.items() if name != "FLUXMIG_GITHUB_WEBHOOK_SECRET"}
    settings = load_settings({**environ, "FLUXMIG_GITHUB_WEBHOOK_SECRET_FILE": str(secret)})
    assert settings.github_webhook_secret.get_secret_value() == "from a file"


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    said = fault({**COMPLETE, "FLUXMIG_ADMIN_TOKEN_FILE": str(tmp_path / "none")})
    assert said == f"FLUXMIG_ADMIN_TOKEN_FILE: cannot read {tmp_path / 'none'}: No such file or directory"


def test_database_url_needs_no_prefix() -> None:
    assert load_settings({**COMPLETE, "DATABASE_URL": "postgresql://x"}).database_url == "postgresql://x"


def test_secrets_are_masked_when_settings_are_printed() -> None:
    shown = repr(load_settings(COMPLETE))
    assert "hush" not in shown
    assert "k" * 32 not in shown
    assert "t" * 32 not in shown


def test_every_setting_says_what_it_is_for() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []
