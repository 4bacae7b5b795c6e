"""Every rule of `fluxmig check` is in the table that explains them, with its level."""

import re
from pathlib import Path

from app.domain.finding import Rule

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "check-in-ci.md"


def test_every_rule_has_its_row_and_there_are_no_others() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \| (\w+) \|", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert dict(rows) == {rule.value.id: rule.value.level.value for rule in Rule}
    assert len(rows) == len(Rule)
