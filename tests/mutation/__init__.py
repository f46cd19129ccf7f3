"""Mutation testing: `python -m tests.mutation conversion/thread.py -- tests/conversion` (docs/mutation.md)."""
