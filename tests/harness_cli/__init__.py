"""Real harness CLIs against a mock model server on loopback: no provider, no key, no cost.

conftest.py    fixtures: the installs and a running mock model
installs.py    where the CLIs and the mock are installed, and installing them
mock/          the mock model server's package and lock file
mock_model.py  the mock model server as an async context manager
"""
