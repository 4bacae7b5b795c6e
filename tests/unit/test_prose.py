"""Sentences on pages: code, links to pull requests, and nothing else."""

import pytest

from app.web.rendering import prose

convert = prose(lambda number: f"/r/o/n/pull/{number}", {30, 34})

TABLE = [
    ("plain", "plain"),
    ("needs #30 first", 'needs <a href="/r/o/n/pull/30">#30</a> first'),
    ("#30, #34.", '<a href="/r/o/n/pull/30">#30</a>, <a href="/r/o/n/pull/34">#34</a>.'),
    ("#99 is not known", "#99 is not known"),
    ("abc#30 ##30", "abc#30 ##30"),
    ("uses `a/v1` and #30", 'uses <code>a/v1</code> and <a href="/r/o/n/pull/30">#30</a>'),
    ("`#30` is code", "<code>#30</code> is code"),
    ("one ` alone #30", 'one ` alone <a href="/r/o/n/pull/30">#30</a>'),
    ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
    ("`<b>`", "<code>&lt;b&gt;</code>"),
    ("'&#34;'", "&#39;&amp;#34;&#39;"),
    ("#12345678901", "#12345678901"),
    ("", ""),
]


@pytest.mark.parametrize(("text", "html"), TABLE)
def test_prose(text: str, html: str) -> None:
    assert str(convert(text)) == html
