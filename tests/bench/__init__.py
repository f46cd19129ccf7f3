"""The README's figures, each beside its named peer, in one run on one machine."""
