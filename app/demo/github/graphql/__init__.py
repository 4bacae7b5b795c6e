"""The stand-in's GraphQL: the part of GitHub's schema that the service speaks, and a loud error for the rest."""

from app.demo.github.graphql.engine import execute

__all__ = ["execute"]
