"""Figures of the hot paths, each beside its floor in the same run. `make bench` runs them all.

Absolute times say little on a shared machine; the ratios are what to compare between runs.
"""
