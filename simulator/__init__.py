"""The product: wiring, services, command line, API and pages."""
