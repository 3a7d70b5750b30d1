"""Whether MLLP speaks TLS: with the certificate that the settings name, and clients' certificates or without."""

import ssl
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


def context() -> ssl.SSLContext | None:
    """None without MLLP_CERTIFICATE. ImproperlyConfigured with a sentence where a file does not do."""
    certificate, key, authority = settings.MLLP_CERTIFICATE, settings.MLLP_KEY, settings.MLLP_CLIENT_CA
    if not certificate:
        if key or authority:
            raise ImproperlyConfigured(
                "MLLP_KEY or MLLP_CLIENT_CA is set and MLLP_CERTIFICATE is not: name the certificate too, or none."
            )
        return None
    made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    _load(
        "MLLP_CERTIFICATE and MLLP_KEY", lambda: made.load_cert_chain(certificate, key or None, _no_password)
    )
    if authority:
        _load("MLLP_CLIENT_CA", lambda: made.load_verify_locations(authority))
        made.verify_mode = ssl.CERT_REQUIRED
    return made


def words() -> str:
    """How, for the line that says that it listens."""
    if not settings.MLLP_CERTIFICATE:
        return ", without encryption"
    return ", TLS with client certificates" if settings.MLLP_CLIENT_CA else ", TLS"


def _load(names: str, load: Callable[[], None]) -> None:
    try:
        load()
    except ssl.SSLError as error:
        why = "the file is no PEM of that kind, or the key belongs to another certificate"
        raise ImproperlyConfigured(f"{names}: {why} ({error.reason or 'cannot be read'}).") from None
    except OSError as error:
        raise ImproperlyConfigured(f"{names}: the file cannot be read ({error.strerror}).") from None
    except ValueError:
        raise ImproperlyConfigured(f"{names}: the key has a password. Name one without.") from None


def _no_password() -> str:
    raise ValueError
