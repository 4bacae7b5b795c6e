"""Stand-ins for GitHub, Renovate and a Flux cluster, used by the demo and by the tests."""
