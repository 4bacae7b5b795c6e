"""Give one catalogue for equal entries: what was read of files is remembered with the catalogue that read it."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from app.domain.catalogue import Catalogue

P = ParamSpec("P")
_MOST = 256


def remember_equal(extend: Callable[P, Catalogue]) -> Callable[P, Catalogue]:
    """Calls with the same catalogue first, and other arguments that are written alike, get one and the same object.

    The text of plain YAML data tells all of it apart, `1.2` from `"1.2"` too. Errors are raised anew.
    """
    known: dict[tuple[object, ...], Catalogue] = {}

    @wraps(extend)
    def extend_once(*args: P.args, **kwargs: P.kwargs) -> Catalogue:
        key = (args[0], repr(args[1:]), repr(sorted(kwargs.items())))
        if key not in known:
            if len(known) >= _MOST:
                known.clear()
            known[key] = extend(*args, **kwargs)
        return known[key]

    return extend_once
