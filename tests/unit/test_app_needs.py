"""What the App needs, as the how-to tells people to set it up."""

import re
from pathlib import Path

from app.domain.app_needs import PERMISSIONS, SUBSCRIPTIONS

PAGE = (Path(__file__).parents[2] / "docs/how-to/install-the-app.md").read_text(encoding="utf-8")


def test_the_how_to_names_the_same_permissions() -> None:
    rows = re.findall(r"^\| ([A-Z][\w ]+) \| (read|write) \|", PAGE, re.MULTILINE)
    assert set(rows) == {(needed.title, needed.level) for needed in PERMISSIONS}


def test_the_how_to_names_the_same_events() -> None:
    [line] = re.findall(r"^- \*\*Events\*\*: (.*?)\.", PAGE, re.MULTILINE)
    assert set(re.findall(r"`([^`]+)`", line)) == {*(needed.title for needed in SUBSCRIPTIONS), "Merge group"}, (
        "that one is needed with a merge queue only, which the doctor looks at by itself"
    )
