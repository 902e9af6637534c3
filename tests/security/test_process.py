"""What a running gateway shows of itself to others at the machine: arguments, ports, crash images."""

from pathlib import Path

import pytest
from fakes.running import running, served_by

SECRET = "Zq7LitWv9rKe+/h3TxNb6PsYd2Jm"
IN_A_FILE = "Jd5FilOx3gUb+/t7CnEw2MyRv8Hq"


def listening(pids: set[int]) -> set[str]:
    """Addresses on which these processes accept, as /proc has them: hexadecimal."""
    inodes = set()
    for pid in pids:
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            target = str(descriptor.readlink()) if descriptor.is_symlink() else ""
            inodes |= {target.removeprefix("socket:[").removesuffix("]")} if "socket:" in target else set()
    rows = [
        line.split()
        for name in ("tcp", "tcp6")
        for line in Path("/proc/net", name).read_text().splitlines()[1:]
    ]
    return {row[1].partition(":")[0] for row in rows if row[3] == "0A" and row[9] in inodes}


@pytest.mark.skipif(not Path("/proc/self/limits").exists(), reason="needs Linux's /proc")
def test_case_15_a_running_gateway_shows_no_key_and_listens_to_itself(tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.mkdir()
    (tmp_path / "state").mkdir(mode=0o700)
    (keys / "key").write_text(IN_A_FILE)
    url = "http://127.0.0.1:9/v1"
    literal = {"type": "openai-compatible", "config": {"baseURL": url, "apiKey": SECRET}}
    filed = {
        "type": "openai-compatible",
        "config": {"baseURL": url, "apiKey": {"valueFrom": {"file": str(keys / "key")}}},
    }
    manifests = tmp_path / "m.yaml"
    manifests.write_text(served_by("literal", literal) + served_by("filed", filed))
    options = ("up", "-f", str(manifests), "--workers", "2", "--allow-file", str(keys))
    with running(*options, db=tmp_path / "state" / "s.db") as gateway:
        pids = gateway.pids() | {gateway.process.pid}
        assert len(pids) == 3
        for pid in pids:
            for what in ("cmdline", "environ"):
                shown = Path(f"/proc/{pid}/{what}").read_bytes()
                assert SECRET.encode() not in shown
                assert IN_A_FILE.encode() not in shown
            core = next(
                line for line in Path(f"/proc/{pid}/limits").read_text().splitlines() if "core" in line
            )
            assert core.split()[4:6] in (["1", "1"], ["0", "0"])
        assert listening(pids) == {"0100007F"}, "127.0.0.1, and nothing else"
        key = (tmp_path / "state" / "s.key").read_text().strip().encode()
        assert all(
            key not in Path(f"/proc/{pid}/{what}").read_bytes()
            for pid in pids
            for what in ("cmdline", "environ")
        )
        assert SECRET not in gateway.errors() + gateway.admin("/status").text + gateway.admin("/metrics").text
