"""Notes what a function asks of the values that it is given, so that its result holds until an answer changes.

A value is wrapped in a `Watched`, which behaves like it. Methods run on the wrapper, so whatever they read is noted in
the end as one of these questions: which keys has that mapping, what stands there under that key, what is that field,
what does that method answer. Asked again of a later value, the same answers mean the same result. (Verifying traces, in
the words of Mokhov, Mitchell and Peyton Jones, "Build systems à la carte", 2018.)

Nothing has to be declared by the function: a field or a method that comes new to one of these classes is noted too.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping
from enum import IntEnum, auto
from functools import partial
from types import FunctionType, MethodType
from typing import Any, Generic, TypeVar, cast

from app.domain.base_facts import BaseFacts
from app.domain.environments import EnvironmentSteps
from app.domain.scopes import Scopes
from app.domain.serving import Serving
from app.domain.situation import Situation

T = TypeVar("T")

_ENTERED: tuple[type, ...] = (Situation, BaseFacts, Scopes, Serving, EnvironmentSteps)
"""Values of these classes are watched in detail; of any other it is noted that it is the same."""
_WHOLE: Mapping[type, frozenset[str]] = {
    Situation: frozenset({"crds_come_with"}),
    Scopes: frozenset({"of", "is_patch", "is_live", "is_applied", "carries", "kustomizations_of"}),
    Serving: frozenset({"standing", "met"}),
    BaseFacts: frozenset({"uses_in", "first_field_use"}),
}
"""Methods whose answers are noted as a whole: they read much to say little, or remember what they said."""

Where = tuple[str, ...]
"""The fields that lead from the watched value to the one that is asked."""


class _Asks(IntEnum):
    FIELD = auto()
    KEYS = auto()
    ITEM = auto()
    CALL = auto()


Question = tuple[Where, _Asks, Hashable]
_MISSING = object()


class Watch(Generic[T]):
    """The answers that functions got from one value after the other. `asked` are the questions since `listen`."""

    def __init__(self) -> None:
        self._value: T | None = None
        self._answers: dict[Where, dict[tuple[_Asks, Hashable], object]] = {}
        self._asked: set[Question] = set()

    def turn_to(self, value: T) -> frozenset[Question]:
        """The questions that a new value answers otherwise than the one before it."""
        before, self._value = self._value, value
        changed: list[Question] = []
        for where, answers in self._answers.items():
            owner = _follow(value, where)
            if before is not None and owner is _follow(before, where):
                continue
            for (asks, key), old in answers.items():
                new = owner.get(key, _MISSING) if asks is _Asks.ITEM else _answer(owner, asks, key)
                if new is not old:
                    if new != old:
                        changed.append((where, asks, key))
                    answers[asks, key] = new
        return frozenset(changed)

    def listen(self) -> T:
        """The value, watched from now on."""
        self._asked = set()
        return cast("T", _wrap(self._value, (), self._note))

    @property
    def asked(self) -> frozenset[Question]:
        return frozenset(self._asked)

    def keep_only(self, questions: set[Question]) -> None:
        """Forget the answers to all others."""
        for where, answers in self._answers.items():
            self._answers[where] = {key: answer for key, answer in answers.items() if (where, *key) in questions}

    def __len__(self) -> int:
        return sum(map(len, self._answers.values()))

    def _note(self, where: Where, asks: _Asks, key: Hashable, answer: object) -> None:
        self._asked.add((where, asks, key))
        self._answers.setdefault(where, {})[asks, key] = answer


_Note = Callable[[Where, _Asks, Hashable, object], None]


class _WatchedValue:
    """Stands for a value of one of the classes that are entered. It has no methods of its own but this lookup, whose
    results it keeps: what was noted once, since somebody listens, need not be noted again."""

    def __init__(self, real: object, where: Where, note: _Note) -> None:
        self._real, self._where, self._note = real, where, note

    def __getattr__(self, name: str) -> Any:
        found = self.__dict__[name] = self._look_up(name)
        return found

    def _look_up(self, name: str) -> Any:
        kind = type(self._real)
        found = vars(kind).get(name)
        if isinstance(found, FunctionType):
            if name in _WHOLE.get(kind, ()):
                return partial(self._call, name)
            return MethodType(found, self)
        if isinstance(found, property) and found.fget is not None:
            return found.fget(self)
        value = getattr(self._real, name)
        wrapped = _wrap(value, (*self._where, name), self._note)
        if wrapped is value:
            self._note(self._where, _Asks.FIELD, name, value)
        return wrapped

    def _call(self, name: str, *arguments: Hashable) -> object:
        answer = getattr(self._real, name)(*arguments)
        self._note(self._where, _Asks.CALL, (name, *arguments), answer)
        return answer


class _WatchedMapping(Mapping[Hashable, object]):
    __slots__ = ("_note", "_real", "_where")

    def __init__(self, real: Mapping[Hashable, object], where: Where, note: _Note) -> None:
        self._real, self._where, self._note = real, where, note

    def __getitem__(self, key: Hashable) -> object:
        answer = self._real.get(key, _MISSING)
        self._note(self._where, _Asks.ITEM, key, answer)
        if answer is _MISSING:
            raise KeyError(key)
        return answer

    def __iter__(self) -> Iterator[Hashable]:
        return iter(self._keys())

    def __len__(self) -> int:
        return len(self._keys())

    def _keys(self) -> tuple[Hashable, ...]:
        keys = tuple(self._real)
        self._note(self._where, _Asks.KEYS, None, keys)
        return keys


def _wrap(value: object, where: Where, note: _Note) -> object:
    if isinstance(value, _ENTERED):
        return _WatchedValue(value, where, note)
    if isinstance(value, Mapping):
        return _WatchedMapping(value, where, note)
    return value


def _follow(value: object, where: Where) -> Any:
    for name in where:
        value = getattr(value, name)
    return value


def _answer(owner: Any, asks: _Asks, key: Any) -> object:
    match asks:
        case _Asks.FIELD:
            return getattr(owner, key)
        case _Asks.KEYS:
            return tuple(owner)
        case _Asks.ITEM:
            return owner.get(key, _MISSING)
        case _Asks.CALL:
            name, *arguments = key
            return getattr(owner, name)(*arguments)
