"""The network's own services: router, conversion worker, mock participants, clock."""
