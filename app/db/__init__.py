"""PostgreSQL: the tables, and the queries that read and write them."""
