"""Who takes what and from when, what to do with a message, and what is remembered of it."""
