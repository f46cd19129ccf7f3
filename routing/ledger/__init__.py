"""The ledger: everything the network knows of every message, and the only place that talks to the database."""
