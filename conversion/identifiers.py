"""New identifiers, all derived from one seed, so that the same message always gets the same ones.

The seed is drawn when a message is taken in and remembered with it; nothing here draws.
Sizes: FHIR wants UUIDs in version 4 form, OIOXML holds 14 characters (oioxml String_1_14).
"""

from __future__ import annotations

import string
from hashlib import sha256

SERIAL_LENGTH = 14
_SERIAL_CHARACTERS = string.digits + string.ascii_uppercase


class Identifiers:
    """Identifiers by name: the same seed and name always give the same one, any other seed or name another.

    Args:
        seed: drawn for one message, 32 hexadecimal digits.
    """

    def __init__(self, seed: str) -> None:
        self._seed = f"{seed}/".encode()

    def uuid(self, name: str) -> str:
        """A UUID in version 4 form, lower case with hyphens."""
        digits = self._digits(name)
        variant = "89ab"[int(digits[16], 16) % 4]
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:32]}"

    def serial(self, name: str) -> str:
        """An identifier for OIOXML: 14 characters, capital letters and digits (72 bits)."""
        number = int(self._digits(name), 16)
        characters = []
        for _ in range(SERIAL_LENGTH):
            number, index = divmod(number, len(_SERIAL_CHARACTERS))
            characters.append(_SERIAL_CHARACTERS[index])
        return "".join(characters)

    def _digits(self, name: str) -> str:
        return sha256(self._seed + name.encode()).hexdigest()
