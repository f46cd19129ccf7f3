"""docker-compose.yml brought up for real, and held to what the README says of it: `make compose`."""
