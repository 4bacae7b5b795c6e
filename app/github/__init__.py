"""GitHub at the HTTP line: deliveries in, typed reads and writes out."""
