"""Random secrets, of which only the SHA-256 is kept. They are long, so that a plain hash suffices."""

import hashlib
import secrets


def new_secret() -> str:
    """43 URL-safe characters, 256 bits."""
    return secrets.token_urlsafe(32)


def hash_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
