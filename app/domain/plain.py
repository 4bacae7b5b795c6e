"""Text of other people, made safe for a terminal."""


def plain(text: str) -> str:
    """Control characters, and bytes of file names that are no text, become spaces."""
    return "".join(character if character.isprintable() else " " for character in text)
