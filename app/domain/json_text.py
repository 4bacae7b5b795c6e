"""JSON of other people, made such that what it says can be kept.

PostgreSQL has no NUL in text, and UTF-8 has no half of a surrogate pair; JSON can name both, and GitHub lets a NUL
through. One such character, in a title or a patch, would make the answer that holds it impossible to read or to store.
"""

import re

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

_SUSPECT = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
_ESCAPE = re.compile(rb"\\(?:(u0000)|(u[dD][89abAB]..\\u[dD][c-fC-F]..)|(u[dD][89a-fA-F]..)|.)", re.DOTALL)


def storable(body: bytes) -> bytes:
    """The same with the replacement character for each NUL, and for each half of a pair that stands alone."""
    if _SUSPECT.search(body) is None:
        return body
    return _ESCAPE.sub(lambda found: rb"\ufffd" if found[1] or found[3] else found[0], body)
