"""OIOXML letters: XDIS91, XBIN01 and the receipts XCTL01 to XCTL03."""
