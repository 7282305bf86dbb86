"""What runs test suites that others wrote; each module is a script, started by platform_tests.test_suites."""
