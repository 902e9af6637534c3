from fakes.command import Routerctl

from reconciler.secrets.sealing import PublicKey


def test_it_is_printed_or_written(routerctl: Routerctl) -> None:
    assert "secret keygen --out" in routerctl("secret", "public-key").err
    routerctl.ok("secret", "keygen", "--out", routerctl.db.with_suffix(".key"))
    printed = routerctl.ok("secret", "public-key")
    assert printed == PublicKey.parse(printed).text() + "\n"
    file = routerctl.folder / "router.pub"
    routerctl.ok("secret", "public-key", "--out", file)
    assert file.read_text() == printed
    done = routerctl("secret", "public-key", "--out", routerctl.folder / "none" / "x")
    assert (done.code, "can't be written: no such file" in done.err) == (3, True)
