"""What is kept encrypted: with a key made of SECRET_KEY, another one for each purpose."""

import base64
import hashlib

from cryptography.fernet import Fernet
from django.conf import settings


def cipher(purpose: str) -> Fernet:
    """AES-128-CBC with HMAC-SHA256. With another SECRET_KEY nothing can be read any more."""
    digest = hashlib.sha256(f"{purpose}\n{settings.SECRET_KEY}".encode()).digest()
    return Fernet(base64.urlsafe_b64encode(digest))
