import json
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from fakes.command import Routerctl
from fakes.foreign_config import API_KEY, COOKIES, OLD_KEY, OPENROUTER_KEY, TOKEN, oxide, provider_router
from fakes.importing import DATA

KEY = "sk-5f0c1e2d3b4a59687786950a1b2c3d4e"
LITELLM_KEYS = (
    "sk-ant-api03",
    "hunter2-of-redis",
    "sk-1234567890abcdefmaster",
    "pa55word",
    "sk-lf-0f1e2d3c",
    "0123456789abcdef",
)
ALL = [DATA / name for name in ("router.env", "qwen-proxy.env", "oxide.yaml", "models.yaml", "litellm.yaml")]


@pytest.fixture
def out(routerctl: Routerctl) -> Path:
    return routerctl.folder / "out"


def test_manifests_are_written_and_valid_and_the_same_again(routerctl: Routerctl, out: Path) -> None:
    first = routerctl.ok("import", *ALL, "--out", out)
    assert "Wrote" in first
    assert "exchange (rotate)" in first
    assert "QWEN_API_KEY  is in " in first
    assert "Not carried over" in first
    written = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    routerctl.ok("validate", "--closed", "-f", out)
    again = routerctl.ok("import", *ALL, "--out", out)
    assert "all is as it was" in again
    assert {path: path.read_bytes() for path in out.rglob("*") if path.is_file()} == written
    everything = first + again + "".join(content.decode() for content in written.values())
    assert not [
        secret
        for secret in (KEY, "sk-or-v1-3f2e", "T2gA1bC2dE3f", "cna=x#y", *LITELLM_KEYS)
        if secret in everything
    ]


def test_a_result_is_compared_point_by_point(routerctl: Routerctl, out: Path) -> None:
    source = DATA / "router.env"
    assert routerctl("import", source, "--out", out, "--verify").code == 3
    routerctl.ok("import", source, "--out", out)
    assert " same." in routerctl.ok("import", source, "--out", out, "--verify")
    file = out / "providers" / "lm-studio-default.yaml"
    file.write_text(file.read_text().replace("priority: 10", "priority: 11").replace("180s", "181s"))
    done = routerctl("import", source, "--out", out, "--verify", "-o", "json")
    assert done.code == 1
    assert {each["verdict"] for each in done.json()} == {"same", "different"}
    assert routerctl("import", source, "--out", out).code == 4
    file.write_text("nonsense: 1\n")
    assert routerctl("import", source, "--out", out, "--verify").code == 3


def test_apply_is_one_revision_after_a_backup(routerctl: Routerctl) -> None:
    assert routerctl("import", DATA / "router.env", "--apply", "--verify").code == 3
    told = routerctl.ok("import", DATA / "router.env", "--apply", "--dry-run")
    assert "Dry run" in told
    assert not routerctl.db.exists()
    first = routerctl.ok("import", DATA / "router.env", "--apply")
    assert "Backup" not in first
    assert "vault v-" in routerctl.ok("secret", "list")
    assert "No changes" in routerctl.ok("import", DATA / "router.env", "--apply")
    assert " same." in routerctl.ok("import", DATA / "router.env", "--apply", "--verify")
    done = routerctl("import", DATA / "oxide.yaml", "--apply", "-o", "json", "-m", "why").json()
    assert Path(done["result"]["backup"]).exists()
    assert done["result"]["revision"]["number"] == 2
    assert "Backup" in routerctl.ok("import", DATA / "litellm.yaml", "--apply")
    assert not [
        path
        for path in routerctl.db.parent.rglob("*")
        if path.is_file() and KEY.encode() in path.read_bytes()
    ]


def test_values_are_sealed_and_keep_their_text(routerctl: Routerctl, out: Path) -> None:
    arguments = ("import", DATA / "router.env", "--out", out, "--seal")
    assert routerctl(*arguments).code == 5
    routerctl.ok("secret", "keygen", "--out", routerctl.db.with_suffix(".key"))
    assert "Set these variables" not in routerctl.ok(*arguments)
    text = (out / "providers" / "dashscope-default.yaml").read_text()
    assert "sealed: s1-" in text
    assert "all is as it was" in routerctl.ok(*arguments)
    assert "unknown" not in routerctl.ok("import", DATA / "router.env", "--out", out, "--verify")
    public = routerctl.folder / "router.pub"
    public.write_text(routerctl.ok("secret", "public-key"))
    routerctl.db.with_suffix(".key").unlink()
    assert "1 file" in routerctl.ok(*arguments, "--public-key", public)
    assert "1 unknown" in routerctl.ok("import", DATA / "router.env", "--out", out, "--verify")
    assert KEY not in text


def test_a_dry_run_writes_nothing(routerctl: Routerctl, out: Path) -> None:
    told = routerctl.ok("import", DATA / "router.env", "--out", out, "--dry-run")
    assert "Would write" in told
    assert not out.exists()
    assert routerctl("import", DATA / "router.env", "--out", out, "--dry-run", "-o", "json").json()["result"][
        "dryRun"
    ]


def test_databases_are_read_and_left_as_they_are(
    routerctl: Routerctl, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = Fernet.generate_key()
    sources = routerctl.folder / "sources"
    sources.mkdir()
    router, config = provider_router(sources / "router.db"), oxide(sources / "config.db", key)
    before = {path: path.read_bytes() for path in sources.iterdir()}
    missing = routerctl("import", router, config, "--out", out)
    assert missing.code == 5
    assert "encryption.key" in missing.err
    monkeypatch.setenv("OXIDE_ENCRYPTION_KEY", Fernet.generate_key().decode())
    wrong = routerctl("import", config, "--out", out)
    assert wrong.code == 5
    assert "does not open" in wrong.err
    file = routerctl.folder / "k"
    file.write_bytes(key)
    told = routerctl.ok("import", router, config, "--out", out, "--oxide-key-file", file)
    assert {path: path.read_bytes() for path in sources.iterdir()} == before
    everything = told + "".join(path.read_text() for path in out.rglob("*") if path.is_file())
    assert not [
        secret
        for secret in (API_KEY, TOKEN, COOKIES, OPENROUTER_KEY, OLD_KEY, key.decode())
        if secret in everything
    ]
    routerctl.ok("validate", "--closed", "-f", out)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--apply", "--out", "x"],
        ["--apply", "--seal"],
        ["--public-key", "x"],
        ["--verify", "--dry-run"],
        ["--verify", "--seal"],
        ["--from", "what"],
    ],
)
def test_options_that_contradict_each_other(routerctl: Routerctl, arguments: list[str]) -> None:
    assert routerctl("import", DATA / "router.env", *arguments).code == 2


def test_a_namespace_is_that_of_all(routerctl: Routerctl, out: Path) -> None:
    routerctl.ok("-n", "team", "import", DATA / "router.env", "--out", out)
    assert (out / "team" / "providers" / "lm-studio-default.yaml").exists()
    assert " same." in routerctl.ok("-n", "team", "import", DATA / "router.env", "--out", out, "--verify")


def test_the_report_is_data_too(routerctl: Routerctl, out: Path) -> None:
    done = json.loads(routerctl.ok("import", DATA / "litellm.yaml", "--out", out, "-o", "json"))
    assert {"sources", "resources", "secrets", "losses", "warnings", "result"} == set(done)
    assert {"origin", "field", "why"} == set(done["losses"][0])
    assert not [secret for secret in LITELLM_KEYS if secret in json.dumps(done)]
