"""`python -m app`, and the `fluxmig` command."""

from app.cli import cli


def main() -> None:
    cli()


if __name__ == "__main__":
    main()
