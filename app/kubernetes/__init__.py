"""A read-only client of the Kubernetes API: discovery, and the few kinds that say whether Flux is well."""
