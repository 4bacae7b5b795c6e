"""Use cases: each module tells one story with locks, transactions and order."""
