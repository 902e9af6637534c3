"""TLS to the upstream, which every hosted provider needs: kept connections, the certificate verified by an own authority."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from benchmarks.data_plane import NO_NGINX, compared, mode_table, share
from benchmarks.figures import Goal, Part, Spread, microseconds, table, times
from benchmarks.stand import GATEWAY, NGINX, Run, Scale, Stand, closed_loop, cores, only
from reconciler.clock import SystemClock

MODE = "TLS to the upstream, 32 connections"
PLAIN = "the same without TLS"
RATE_GOAL, CPU_GOAL = 0.5, 20e-6
_FLAGS = ["--connections", "32"]

Runs = dict[str, dict[str, list[Run]]]


def part(scale: Scale, folder: Path, say: Callable[[str], None]) -> Part:
    runs: Runs = {PLAIN: {}, MODE: {}}
    proxy_core, ends_core = cores()
    folder.mkdir(exist_ok=True)
    with Stand(folder, say) as stand:
        fars = {PLAIN: stand.upstream(ends_core), MODE: stand.upstream(ends_core, certificate(folder))}
        targets = [(mode, target) for mode, far in fars.items() for target in stand.proxies(far, proxy_core)]
        for number in range(scale.rounds):
            say(f"TLS to the upstream, round {number + 1} of {scale.rounds}")
            for mode, target in targets:
                only(target, [each for _, each in targets])
                run = closed_loop(target, _FLAGS, scale, fars[mode], ends_core)
                runs[mode].setdefault(target.name, []).append(run)
    return Part(report(runs), _goals(runs))


def report(runs: Runs) -> str:
    parts = [mode_table(mode, targets) for mode, targets in runs.items()]
    rows = [[name, above(runs, name).text(microseconds)] for name in runs[MODE]]
    parts.append(table(["CPU a request for TLS", "above plain"], rows))
    parts += compared({MODE: runs[MODE]}) if NGINX in runs[MODE] else [NO_NGINX]
    return "\n\n".join(parts)


def above(runs: Runs, name: str) -> Spread:
    pairs = zip(runs[MODE][name], runs[PLAIN][name], strict=True)
    return Spread.of(secure.processor - plain.processor for secure, plain in pairs)


def _goals(runs: Runs) -> tuple[Goal, ...]:
    found = [
        Goal(
            "TLS to the upstream: CPU a request above plain",
            above(runs, GATEWAY),
            microseconds,
            most=CPU_GOAL,
        )
    ]
    if NGINX in runs[MODE]:
        ours, theirs = runs[MODE][GATEWAY], runs[MODE][NGINX]
        name = "TLS to the upstream: rate of nginx's on a full core"
        found.append(Goal(name, share(ours, theirs), times, least=RATE_GOAL))
    return tuple(found)


def certificate(folder: Path) -> tuple[Path, Path, Path]:
    """(certificate of localhost, its key, the authority that signed it), all made now."""
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority = _signed(
        "benchmark authority", authority_key, "benchmark authority", authority_key, is_authority=True
    )
    own = _signed("localhost", key, "benchmark authority", authority_key, is_authority=False)
    paths = folder / "localhost.pem", folder / "localhost.key", folder / "authority.pem"
    paths[0].write_bytes(own.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    paths[2].write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    return paths


def _signed(
    name: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: str,
    issuer_key: ec.EllipticCurvePrivateKey,
    *,
    is_authority: bool,
) -> x509.Certificate:
    now = SystemClock().now()
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(issuer_key, hashes.SHA256())
    )
