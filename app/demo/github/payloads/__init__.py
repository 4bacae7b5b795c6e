"""GitHub's JSON, built from the state: as complete as its OpenAPI description asks."""
