"""What proves that the network does what MedCom's documents say."""
