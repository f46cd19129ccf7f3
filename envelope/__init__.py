"""What travels: the VANS envelope, the catalogue of message types, OIOXML letters, FHIR bundles and identities."""
