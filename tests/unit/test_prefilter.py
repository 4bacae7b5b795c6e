"""What is passed over quickly is what one regular expression of everything would pass over."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.catalogue import load_catalogue
from app.domain import manifests, version_marks
from app.domain.prefilter import AnyOf

READER = version_marks._Reader(load_catalogue())
WORDS = (*version_marks._INTERESTING, *READER._remotes)
_CHARTS = "|".join(map(re.escape, READER._charts))
_KEYS = [f"{switch.value.rpartition('.')[2]}:" for _, switch in READER._switches]
SLOW = re.compile(
    "|".join(map(re.escape, [*WORDS, *_KEYS]))
    + r"|\b(?:chart|url)[\"']?[ \t]*[:=][ \t]*(?:&\S+[ \t]+)?[\"']?(?:[^\s\"'#]*/)?"
    + rf"(?:{_CHARTS})(?=[\"'\s,}}/]|$)"
)
_AROUND = ("chart", "url", ":", ": ", "=", " ", "\n", "/", "my", "_", "'", '"', "&a ", "x", "oci://", "#")
PIECES = st.sampled_from([*WORDS, *READER._charts, *_AROUND])


@given(st.lists(PIECES, max_size=8).map("".join))
def test_the_same_texts_are_worth_reading(text: str) -> None:
    assert READER.is_interesting(text) == bool(SLOW.search(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("chart: cilium\n", True),
        ("  - chart: cilium", True),
        ("mychart: cilium\n", False),
        ("base_url: oci://ghcr.io/x/cilium\n", False),
        ("url: oci://ghcr.io/x/cilium\n", True),
        ("chart: cilium-extra\n", False),
        ("name: cilium\n", False),
        ("  distribution:\n", True),
        ("talosVersion: v1\n", True),
        ("", False),
    ],
)
def test_a_chart_is_named_by_its_key(text: str, expected: bool) -> None:
    assert READER.is_interesting(text) is expected


def test_a_word_within_a_word_is_asked_for_once() -> None:
    words = AnyOf(["fluxcd/flux2", "flux2", "abc"])
    assert words.words == ("abc", "flux2")
    assert words.found_in("x fluxcd/flux2 y")
    assert not words.found_in("flux")


_LINES = st.sampled_from(
    ["---", "apiVersion", "kind", "'kind'", ":", ": ", "x", "\n", "\r\n", " ", "\t", "# c", "\x85", "\f", "-"]
)
_SEPARATOR = re.compile(r"^---(?:[ \t].*)?\r?$", re.MULTILINE)
_TOP_KEY = re.compile(r"""^["']?(apiVersion|kind|metadata)["']?[ \t]*:[ \t]*(.*?)[ \t\r]*$""", re.MULTILINE)


@given(st.lists(_LINES, max_size=15).map("".join))
def test_lines_found_by_the_newline_before_them_are_those_found_by_their_start(text: str) -> None:
    separators = [(match.start(), match.end()) for match in _SEPARATOR.finditer(text)]
    keys = [(match.start(), match.group(1), match.group(2)) for match in _TOP_KEY.finditer(text)]
    behind = "\n" + text
    assert [(match.start(), match.end() - 1) for match in manifests._SEPARATOR.finditer(behind)] == separators
    found = [(match.start(), match.group(1), match.group(2)) for match in manifests._TOP_KEY.finditer(behind)]
    assert found == keys
