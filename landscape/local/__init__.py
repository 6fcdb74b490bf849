"""What one machine needs to run everything: its own PostgreSQL and Valkey, and a supervisor."""
