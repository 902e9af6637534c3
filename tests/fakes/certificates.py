"""Certificates of an authority that only a test trusts."""

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from tempfile import mkdtemp

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Pair:
    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    def write(self, folder: Path, name: str, password: bytes | None = None) -> tuple[str, str]:
        """The paths of certificate and key."""
        paths = folder / f"{name}.pem", folder / f"{name}-key.pem"
        paths[0].write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))
        sealing = (
            serialization.NoEncryption()
            if password is None
            else serialization.BestAvailableEncryption(password)
        )
        paths[1].write_bytes(
            self.key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, sealing)
        )
        return str(paths[0]), str(paths[1])


def issued(
    name: str, issuer: Pair | None = None, *, names: tuple[str, ...] = (), expired: bool = False
) -> Pair:
    """`names` are host names and addresses. Without an issuer: an authority, signed by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if issuer is None else issuer.certificate.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2020, 1, 2, tzinfo=UTC) if expired else datetime(2100, 1, 1, tzinfo=UTC))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
    )
    if names:
        builder = builder.add_extension(
            x509.SubjectAlternativeName([_general(one) for one in names]), critical=False
        )
    return Pair(builder.sign(key if issuer is None else issuer.key, hashes.SHA256()), key)


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


@dataclass(frozen=True)
class Authority:
    """`file` is what trusts it."""

    folder: Path
    pair: Pair
    file: str

    def server(self, *names: str, expired: bool = False, asks_clients: bool = False) -> ssl.SSLContext:
        """The context of a server that is `names`."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        pair = issued("server", self.pair, names=names, expired=expired)
        context.load_cert_chain(*pair.write(self.folder, f"server-{pair.certificate.serial_number}"))
        context.set_alpn_protocols(["h2", "http/1.1"])
        if asks_clients:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(self.file)
        return context

    def client(self, password: bytes | None = None) -> tuple[str, str]:
        """The files of a client's certificate and key."""
        return issued("client", self.pair).write(self.folder, f"client-{password is not None}", password)

    @property
    def pem(self) -> str:
        return Path(self.file).read_text(encoding="ascii")

    def client_pem(self, password: bytes | None = None) -> tuple[str, str]:
        """A client's certificate and key."""
        certificate, key = self.client(password)
        return Path(certificate).read_text(encoding="ascii"), Path(key).read_text(encoding="ascii")


@cache
def authority() -> Authority:
    """One for all tests of a process."""
    folder = Path(mkdtemp(prefix="certificates-"))
    pair = issued("authority")
    return Authority(folder, pair, pair.write(folder, "authority")[0])
