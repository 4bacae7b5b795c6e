"""JSON5, as people write Renovate's configuration: comments, trailing commas, bare keys, single quotes.

Grammar: https://spec.json5.org. What is not in it is an error with its line, never a guess.
"""

import json
import re
from typing import Any

_SPACE = re.compile(r"(?:\s|\ufeff|//[^\n\r\u2028\u2029]*|/\*.*?\*/)*", re.DOTALL)
_NAME = re.compile(r"[\w$]+")
_NUMBER = re.compile(r"[+-]?(?:0[xX][0-9a-fA-F]+|Infinity|NaN|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)")
_STRING = re.compile(r"\"((?:[^\"\\\n\r]|\\(?:\r\n|.))*)\"|'((?:[^'\\\n\r]|\\(?:\r\n|.))*)'", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\r\n|.))", re.DOTALL)
_ESCAPED = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "0": "\0"}
_WORDS = {"true": True, "false": False, "null": None}
_DEEPEST = 100


class Json5Error(ValueError):
    """The text is not JSON5; the message ends with the line."""


def read_json5(text: str) -> Any:
    """The value. A key that stands twice has its last value, as in JSON. Raises Json5Error."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return _Reader(text).read()


class _Reader:
    def __init__(self, text: str) -> None:
        self._text, self._at = text, 0

    def read(self) -> Any:
        value = self._value(0)
        if self._peek():
            raise self._error("something follows the end")
        return value

    def _value(self, depth: int) -> Any:
        if depth > _DEEPEST:
            raise self._error("too deep")
        match self._peek():
            case "{":
                return self._object(depth)
            case "[":
                return self._list(depth)
            case '"' | "'":
                return self._string()
            case _:
                return self._word()

    def _object(self, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        self._take("{")
        while self._peek() != "}":
            key = self._string() if self._peek() in ('"', "'") else self._name()
            self._take(":")
            found[key] = self._value(depth + 1)
            if self._peek() != "}":
                self._take(",")
        self._take("}")
        return found

    def _list(self, depth: int) -> list[Any]:
        found: list[Any] = []
        self._take("[")
        while self._peek() != "]":
            found.append(self._value(depth + 1))
            if self._peek() != "]":
                self._take(",")
        self._take("]")
        return found

    def _string(self) -> str:
        match = self._match(_STRING)
        if match is None:
            raise self._error("a text that does not end")
        text = _ESCAPE.sub(_unescaped, match[1] if match[1] is not None else match[2])
        # Two escapes may be the halves of one character.
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")

    def _name(self) -> str:
        match = self._match(_NAME)
        if match is None:
            raise self._error("a key is missing")
        return match[0]

    def _word(self) -> Any:
        number = self._match(_NUMBER)
        if number is not None:
            return _number(number[0])
        word = self._match(_NAME)
        if word is None or word[0] not in _WORDS:
            raise self._error("a value is missing")
        return _WORDS[word[0]]

    def _match(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        match = pattern.match(self._text, self._at)
        if match is not None:
            self._at = match.end()
        return match

    def _peek(self) -> str:
        """The next character that means something; empty at the end."""
        self._match(_SPACE)
        return self._text[self._at : self._at + 1]

    def _take(self, sign: str) -> None:
        if self._peek() != sign:
            raise self._error(f"`{sign}` is missing")
        self._at += 1

    def _error(self, what: str) -> Json5Error:
        return Json5Error(f"{what} in line {self._text.count(chr(10), 0, self._at) + 1}")


def _number(text: str) -> float | int:
    sign = -1 if text.startswith("-") else 1
    bare = text.lstrip("+-")
    if bare[:2] in ("0x", "0X"):
        return sign * int(bare, 16)
    return sign * (int(bare) if bare.isdecimal() else float(bare))


def _unescaped(match: re.Match[str]) -> str:
    code, byte, sign = match.groups()
    if code or byte:
        return chr(int(code or byte, 16))
    if sign in ("\n", "\r\n", "\r", "\u2028", "\u2029"):
        return ""
    return _ESCAPED.get(sign, sign)
