"""FHIR bundles: CareCommunication and Acknowledgement, in XML and JSON."""
