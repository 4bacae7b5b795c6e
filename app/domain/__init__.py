"""The decisions of fluxmig: pure functions over plain values. Nothing here reads a clock, a file or a socket."""
