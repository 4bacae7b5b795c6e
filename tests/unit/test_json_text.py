"""What JSON can say and a database cannot keep."""

import json

import pytest

from app.domain.json_text import storable


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (rb'"a\u0000b"', "a\ufffdb"),
        (rb'"a\\u0000b"', r"a\u0000b"),
        (rb'"a\\\u0000b"', "a\\\ufffdb"),
        (rb'"\ud83d\ude00"', "\U0001f600"),
        (rb'"\uD83D\uDE00\uD83D"', "\U0001f600\ufffd"),
        (rb'"\ud83dx\ude00"', "\ufffdx\ufffd"),
        (rb'"\ud83d\n"', "\ufffd\n"),
        (rb'"\ud83d\\ude00"', "\ufffd\\ude00"),
        (rb'"\ud83d\ud83d\ude00"', "\ufffd\U0001f600"),
        (rb'"\uffff\u00e9\""', '\uffff\u00e9"'),
    ],
)
def test_what_cannot_be_kept_is_replaced_and_nothing_else(body: bytes, said: str) -> None:
    assert json.loads(storable(body)) == said


def test_the_usual_answer_is_not_touched() -> None:
    body = '{"title": "größer 😀 \\n \\t"}'.encode()
    assert storable(body) is body
