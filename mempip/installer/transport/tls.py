"""Whom TLS trusts, who this end is, and what is said about a handshake that failed."""

from __future__ import annotations

import os
import ssl

from mempip.errors import IndexUnavailable, UsageError
from mempip.installer.transport.addresses import origin_of, redact

#: Name what takes the place of the system's authorities; the first that is set counts. pip takes the same.
VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE", "SSL_CERT_DIR")


def make_context(cert: str, client_cert: str, *, verify: bool) -> ssl.SSLContext:
    """Return a context that trusts `cert`, else what one of `VARIABLES` names, else the system, else certifi.

    `cert` is a file of PEM certificates or a directory of them; `client_cert` is a PEM file with a certificate and its
    key, or ``""``. Raises `UsageError` for a file that cannot be used.
    """
    context = _trusting(cert) if verify else _blind()
    if client_cert:
        path = os.path.expanduser(client_cert)
        try:
            context.load_cert_chain(path, password=lambda: "")  # nobody is there to be asked
        except (OSError, ValueError) as fault:
            reason = f"{path} is no certificate with its unencrypted private key (PEM): {fault}"
            raise UsageError("client_cert", reason) from fault
    return context


def _blind() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _trusting(cert: str) -> ssl.SSLContext:
    location = cert or next(filter(None, map(os.environ.get, VARIABLES)), "")
    if not location:
        return _trusting_the_system()
    location = os.path.expanduser(location)
    try:
        if os.path.isdir(location):
            return ssl.create_default_context(capath=location)
        return ssl.create_default_context(cafile=location)
    except OSError as fault:
        raise UsageError("cert", f"{location} cannot be used as a bundle of certificates: {fault}") from fault


def _trusting_the_system() -> ssl.SSLContext:
    context = ssl.create_default_context()
    directory = ssl.get_default_verify_paths().capath
    if context.cert_store_stats()["x509_ca"] or (directory and os.listdir(directory)):
        return context
    import certifi

    return ssl.create_default_context(cafile=certifi.where())


def find_refusal(fault: BaseException | None) -> ssl.SSLError | None:
    """Find the TLS failure that `fault` was made from, if there is one."""
    while fault is not None:
        if isinstance(fault, ssl.SSLError):
            return fault
        fault = fault.__cause__ or fault.__context__
    return None


def describe(url: str, refusal: ssl.SSLError) -> IndexUnavailable:
    """Return the error that says why there is no safe connection to `url`."""
    host = origin_of(url).host
    if isinstance(refusal, ssl.SSLCertVerificationError):
        return IndexUnavailable(
            redact(url),
            f"the TLS certificate of {host} was not accepted ({refusal.verify_message}); "
            f"--cert FILE names the authorities to trust, --trusted-host {host} skips the check",
        )
    reason = refusal.reason or str(refusal)
    way_out = "; --client-cert FILE says who you are" if "CERTIFICATE_REQUIRED" in reason else ""
    return IndexUnavailable(redact(url), f"the TLS handshake with {host} failed ({reason}){way_out}")
