"""JSON5 as people write it, and what is none."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.json5 import Json5Error, read_json5


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1}', {"a": 1}),
        ("{a: 1, 'b': \"two\", $c_9: [true, false, null],}", {"a": 1, "b": "two", "$c_9": [True, False, None]}),
        ("// first\n{ /* second\n */ a: 'b' } // third", {"a": "b"}),
        ("\ufeff{a: 1}", {"a": 1}),
        ("[0x1F, -.5, +3, 2., 1e3]", [31, -0.5, 3, 2.0, 1000.0]),
        (
            r"""['it\'s', "a\tb", '\u00e9\x41', 'one\
two']""",
            ["it's", "a\tb", "éA", "onetwo"],
        ),
        ("{'https://x.y//z': '// no comment'}", {"https://x.y//z": "// no comment"}),
        ("{a: 1, a: 2}", {"a": 2}),
        ("[]", []),
        ("{}", {}),
        ("'text'", "text"),
    ],
)
def test_it_is_read(text: str, value: Any) -> None:
    assert read_json5(text) == value


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "a value is missing in line 1"),
        ("{\na: 1\nb: 2}", "`,` is missing in line 3"),
        ("{a 1}", "`:` is missing in line 1"),
        ("{a: 'x", "a text that does not end in line 1"),
        ("{a: yes}", "a value is missing in line 1"),
        ("{a: 1} x", "something follows the end in line 1"),
        ("[1,, 2]", "a value is missing in line 1"),
        ("{, a: 1}", "a key is missing in line 1"),
        ("[" * 500, "too deep in line 1"),
        ("/* never", "a value is missing in line 1"),
    ],
)
def test_what_is_none_is_told_with_its_line(text: str, message: str) -> None:
    with pytest.raises(Json5Error) as raised:
        read_json5(text)
    assert str(raised.value) == message


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_all_json_is_json5(value: Any) -> None:
    assert read_json5("// not JSON\n" + json.dumps(value)) == value


@given(st.text(alphabet="{}[]:,'\"/*\\ \na1.-", max_size=40))
def test_it_never_fails_otherwise(text: str) -> None:
    with contextlib.suppress(Json5Error):
        read_json5(text)
