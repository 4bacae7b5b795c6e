"""fluxmig: keeps Renovate's pull requests in the order in which a Flux cluster can take them."""

__version__ = "0.1.0"
