"""The page on the catalogue names each key, and its examples are right."""

import re
from pathlib import Path

import pytest

from app.catalogue import load_catalogue
from app.catalogue.checking import check_text
from app.catalogue.entries import LIFETIME_KEYS, PROVIDER_KEYS, VERSION_KEYS
from app.domain.catalogue import Arrival, Confidence

ROOT = Path(__file__).parents[2]
REFERENCE = (ROOT / "docs/reference/catalogue.md").read_text(encoding="utf-8")
KEYS = (
    *PROVIDER_KEYS,
    *LIFETIME_KEYS,
    *VERSION_KEYS,
    *("component", "versions", "chart", "how", "value", "of", "serves", "installs", "platform", "minors"),
    *("kubernetes", "upgrade_from", "embeds", "constraints", "needs", "applies", "flux_from", "operator_from"),
)


@pytest.mark.parametrize("key", sorted({*KEYS, *(one.value for one in (*Arrival, *Confidence))}))
def test_every_key_and_value_has_its_words(key: str) -> None:
    assert f"`{key}`" in REFERENCE


@pytest.mark.parametrize("page", ["docs/reference/catalogue.md", "docs/how-to/refresh-the-catalogue.md"])
def test_the_examples_pass_the_check(page: str) -> None:
    examples = re.findall(r"^```yaml\n(.*?)^```", (ROOT / page).read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    assert examples
    for example in examples:
        checked = check_text(page, example, load_catalogue())
        assert checked.errors == ()
        assert checked.entries
