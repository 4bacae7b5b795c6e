"""`fluxmig notify`, and channels that cannot be."""

import pytest
from typer.testing import CliRunner

from app.bootstrap import channels_of
from app.cli import cli
from app.config import SettingsError, load_settings
from app.notify import UnknownChannel, open_channels
from tests.support.channel import listen
from tests.unit.test_config import COMPLETE

run = CliRunner()


def test_each_channel_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    with listen() as friend, listen() as other:
        other.deaf = True
        monkeypatch.setenv("FLUXMIG_NOTIFY_URLS", f"{friend.url}\n{other.url}")
        told = run.invoke(cli, ["notify"])
    assert told.output == "JSON (URL 1): took the test message\nJSON (URL 2): did not take it\n"
    assert told.exit_code == 1
    assert friend.messages == [("fluxmig: a test", "If you can read this, the channel works.")]


def test_without_channels_it_says_where_to_read_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FLUXMIG_NOTIFY_URLS", raising=False)
    told = run.invoke(cli, ["notify"])
    assert told.exit_code == 2
    assert "docs/how-to/be-told.md" in told.output


def test_a_url_that_nobody_knows_is_named_by_its_place_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLUXMIG_NOTIFY_URLS", "json://127.0.0.1:9/ carrier-pigeon://s3cret@loft")
    told = run.invoke(cli, ["notify"])
    assert told.exit_code == 2
    assert told.output.strip() == "FLUXMIG_NOTIFY_URLS: URL 2 of 2 is none that Apprise knows"
    with pytest.raises(UnknownChannel):
        open_channels("pigeon")


def test_the_service_does_not_start_with_one() -> None:
    settings = load_settings({**COMPLETE, "FLUXMIG_NOTIFY_URLS": "pigeon://s3cret"})
    with pytest.raises(SettingsError, match=r"^FLUXMIG_NOTIFY_URLS: URL 1 of 1 is none that Apprise knows$"):
        channels_of(settings)
    assert "s3cret" not in repr(settings)


def test_kinds_have_names() -> None:
    with pytest.raises(SettingsError, match="FLUXMIG_NOTIFY_ON: noise: no such kind of notice"):
        load_settings({**COMPLETE, "FLUXMIG_NOTIFY_ON": "incident, noise"})
