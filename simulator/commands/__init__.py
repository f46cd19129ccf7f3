"""The commands of the command line, by whom they serve: a network, a participant of one, files alone."""
