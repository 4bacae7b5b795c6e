"""The use cases: one a module. They order reads, decisions, transactions and writes."""
