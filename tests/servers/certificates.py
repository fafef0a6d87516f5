"""A key and a certificate, made with what the servers' environment has."""

import subprocess

from made_once import UnavailableError

from servers.environment import python

_SCRIPT = """
import datetime, sys
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa

host, key_path, certificate_path = sys.argv[1:]
key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "servers of the tests")])
now = datetime.datetime.now(datetime.timezone.utc)
certificate = (
    x509.CertificateBuilder()
    .subject_name(name)
    .issuer_name(name)
    .public_key(key.public_key())
    .serial_number(x509.random_serial_number())
    .not_valid_before(now - datetime.timedelta(days=1))
    .not_valid_after(now + datetime.timedelta(days=2))
    .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
    .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    .sign(key, hashes.SHA256())
)
with open(key_path, "wb") as file:
    file.write(key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ))
with open(certificate_path, "wb") as file:
    file.write(certificate.public_bytes(serialization.Encoding.PEM))
"""


def make(host, folder):
    """Give the paths of a new key and of its certificate for a host, which signs itself."""
    paths = (folder / "key.pem", folder / "certificate.pem")
    done = subprocess.run([str(python()), "-c", _SCRIPT, host, *map(str, paths)], stderr=subprocess.PIPE)
    if done.returncode:
        raise UnavailableError(f"no certificate could be made: {done.stderr.decode()[-500:]}")
    return paths
