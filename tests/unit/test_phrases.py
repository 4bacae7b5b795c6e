import pytest

from app.services.phrases import count, listed, numbers, provider_name


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "no pull requests"),
        (1, "one pull request"),
        (9, "nine pull requests"),
        (12, "twelve pull requests"),
        (13, "13 pull requests"),
    ],
)
def test_small_numbers_are_words(number: int, said: str) -> None:
    assert count(number) == said


@pytest.mark.parametrize(
    ("of", "said"),
    [
        ([], ""),
        ([1], "#1"),
        ([1, 2], "#1 and #2"),
        ([1, 2, 3, 4], "#1, #2, #3 and #4"),
        ([1, 2, 3, 4, 5, 6], "#1, #2, #3, #4 and 2 more"),
    ],
)
def test_long_lists_are_cut(of: list[int], said: str) -> None:
    assert numbers(of) == said


def test_the_last_word_can_be_another() -> None:
    assert listed(["#1", "#2"], "or") == "#1 or #2"


@pytest.mark.parametrize(
    ("provider", "said"),
    [("flux", "Flux"), ("flux-operator", "Flux Operator"), ("gateway-api", "Gateway API"), ("a_b", "A B")],
)
def test_providers_have_names_for_people(provider: str, said: str) -> None:
    assert provider_name(provider) == said
