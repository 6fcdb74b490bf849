"""What runs models: suites, engines, the harness, the sandbox and the meter. Without a database, and without Django."""
