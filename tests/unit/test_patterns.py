"""Globs and regular expressions of the configuration: what matches, what is refused, and that nothing runs away."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.linear_regex import MOST_STATES, LinearRegex
from app.domain.patterns import BadRegex, read_pattern, read_patterns

MATCHES = [
    ("cilium", "cilium", True),
    ("cilium", "cilium-cli", False),
    ("ghcr.io/*", "ghcr.io/a", True),
    ("ghcr.io/*", "ghcr.io/a/b", False),
    ("ghcr.io/**", "ghcr.io/a/b", True),
    ("**/cilium", "cilium", True),
    ("**/cilium", "quay.io/cilium/cilium", True),
    ("**/cilium", "quay.io/xcilium", False),
    ("apps/**/values.yaml", "apps/values.yaml", True),
    ("apps/**/values.yaml", "apps/a/b/values.yaml", True),
    ("apps/", "apps/a/b.yaml", True),
    ("apps/", "apps.yaml", False),
    ("*.{yaml,yml}", "a.yml", True),
    ("*.{yaml,yml}", "a.yaml.j2", False),
    ("v?", "v1", True),
    ("v?", "v/", False),
    ("[ab]c", "bc", True),
    ("[!ab]c", "bc", False),
    ("a+(b)", "a+(b)", True),
    ("a.b", "axb", False),
    ("/^foo.*bar$/", "foo-bar", True),
    ("/oba/", "foobar", True),
    ("/FOO/", "foo", False),
    ("/FOO/i", "foo", True),
    (r"/^v\d{2,3}$/", "v12", True),
    (r"/^v\d{2,3}$/", "v1234", False),
    (r"/^(foo|ba[rz])+$/", "foobarbaz", True),
    (r"/^[^/]+\/x$/", "a/x", True),
    ("/a|^b/", "xb", False),
    ("/^$/", "", True),
]


@pytest.mark.parametrize(("pattern", "text", "expected"), MATCHES)
def test_what_matches(pattern: str, text: str, expected: bool) -> None:
    assert read_pattern(pattern).matches(text) is expected


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("/(a/", "a `(` that nothing closes"),
        ("/a)/", "a `)` that nothing opens"),
        ("/(?=a)/", "looking around and flags are not supported"),
        (r"/(a)\1/", r"`\1` is not supported"),
        (r"/\bfoo/", r"`\b` is not supported"),
        ("/[a/", "it ends too early"),
        ("/*a/", "`*` with nothing to repeat"),
        ("/a{3,1}/", "a repeat must go up"),
        ("/a++/", "possessive"),
        ("/[z-a]/", "goes backwards"),
        ("/(a{100}){100}/", "the pattern is too large"),
        ("/" + "(" * 30 + ")" * 30 + "/", "too many groups inside each other"),
        ("/a/g", "`g` is no flag"),
        ("{a,b", "a `{` that nothing closes"),
        ("!", "the pattern is empty"),
        ("a" * 301, "300 are allowed"),
    ],
)
def test_what_is_refused_and_the_words(pattern: str, said: str) -> None:
    with pytest.raises(BadRegex) as refused:
        read_pattern(pattern)
    assert said in str(refused.value)


def test_of_a_list_one_must_match_and_none_with_a_bang() -> None:
    patterns = read_patterns(["apps/**", "!**/secret.yaml"])
    assert patterns.match("apps/a.yaml")
    assert not patterns.match("apps/secret.yaml")
    assert not patterns.match("infra/a.yaml")
    only_unwanted = read_patterns(["!apps/**"])
    assert only_unwanted.match("infra/a.yaml")
    assert not only_unwanted.match("apps/a.yaml")
    assert not read_patterns(["!**/secret.yaml"]).match_any(["a.yaml", "secret.yaml"])


@pytest.mark.parametrize("pattern", ["/(a+)+$/", "/(a|a)*b/", "/(.*)*(.*)*(.*)*x/", "**/" * 20 + "x", "*a" * 100 + "b"])
def test_no_pattern_runs_away(pattern: str) -> None:
    """Each of them takes Python's `re` longer than anybody lives. What bounds ours is counted: its states."""
    read = read_pattern(pattern)
    assert not read.matches("a" * 300 + "!")
    assert read.size <= MOST_STATES


@given(
    st.text(alphabet="ab.*+?()|[]^$\\d1", max_size=8),
    st.lists(st.text(alphabet="ab1c", max_size=6), max_size=4),
)
def test_it_says_what_re_says(pattern: str, texts: list[str]) -> None:
    try:
        ours, theirs = LinearRegex(pattern), re.compile(pattern)
    except (BadRegex, re.error, FutureWarning):
        return
    if "^" in pattern[1:] or "$" in pattern[:-1]:
        return  # Python lets `$^` match the empty text; nobody writes that.
    for text in texts:
        assert ours.search(text) is bool(theirs.search(text)), (pattern, text)
