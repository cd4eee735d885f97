"""Alembic migrations, run by `storage.schema`. Files:

env.py              how Alembic runs them
versions/           one file per revision, named after it: 0001_…, 0002_…
"""
