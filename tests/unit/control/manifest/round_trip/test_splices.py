from reconciler.control.manifest.round_trip.splices import Splices


def test_all_changes_are_made_at_once() -> None:
    splices = Splices("0123456789", "\n")
    assert not splices
    splices.remove(4, 6)
    splices.insert(2, "b")
    splices.insert(2, "c")
    splices.replace(0, 1, "a")
    assert splices
    assert splices.made() == "a1bc236789"


def test_what_is_removed_twice_is_removed_once() -> None:
    splices = Splices("0123456789", "\n")
    splices.remove(2, 6)
    splices.remove(4, 8)
    splices.insert(8, "x")
    assert splices.made() == "01x89"


def test_what_comes_stands_before_what_goes() -> None:
    splices = Splices("0123", "\n")
    splices.remove(1, 3)
    splices.insert(1, "x")
    assert splices.made() == "0x3"


def test_the_same_text_is_no_change() -> None:
    splices = Splices("0123", "\n")
    splices.replace(1, 2, "1")
    splices.insert_lines(2, (), 3)
    assert not splices


def test_lines_end_as_the_others() -> None:
    splices = Splices("a\r\nb", "\r\n")
    splices.insert_lines(0, ("x",), 2)
    splices.insert_lines(3, ("y", "", "z"), 1)
    assert splices.made() == "  x\r\na\r\n y\r\n\r\n z\r\nb"


def test_lines_behind_a_last_line_without_an_end_begin_one() -> None:
    splices = Splices("a", "\n")
    splices.insert_lines(1, ("x",), 0)
    splices.insert_lines(1, ("y",), 0)
    assert splices.made() == "a\nx\ny\n"
