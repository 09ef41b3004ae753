"""The device is opened once, however many want it, and a failed opening leaves nothing behind."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest
from screen import INIT_VIDEO, Screen, SdlError, library
from swatches import main
from video_lifecycle import NotStarted, Phase


def is_open() -> bool:
    """Whether SDL itself says that the device is open."""
    return bool(library().SDL_WasInit(INIT_VIDEO))


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    assert not is_open()
    yield
    assert not is_open()


def test_pictures_are_drawn_by_many_threads(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shades = [f"{red:02x}{255 - red:02x}80" for red in range(0, 256, 16)]
    assert main([str(tmp_path / "out"), *shades]) == 0
    assert capsys.readouterr().out.splitlines() == [str(tmp_path / "out" / f"{shade}.bmp") for shade in shades]
    for shade in shades:
        picture = (tmp_path / "out" / f"{shade}.bmp").read_bytes()
        assert picture[:2] == b"BM"
        assert bytes.fromhex(shade)[::-1] in picture  # BMP has blue first


def test_an_unknown_driver_is_said_in_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path), "ff0000", "00ff00", "--driver", "nonesuch"]) == 1
    assert capsys.readouterr().err == "swatches: nonesuch not available\n"


def test_a_failed_opening_counts_nobody_and_the_next_works() -> None:
    screen = Screen("nonesuch")
    for _ in range(2):
        with pytest.raises(SdlError, match="nonesuch not available"):
            screen.start()
        assert (screen.snapshot().phase, screen.snapshot().users) == (Phase.DOWN, 0)
    screen.driver = "dummy"
    with screen.using():
        assert is_open()


def test_it_can_be_closed_and_opened_again() -> None:
    screen = Screen()
    for _ in range(3):
        with screen.using(), screen.using():
            assert screen.snapshot().users == 2
            assert is_open()
        assert not is_open()
    with pytest.raises(NotStarted):
        screen.stop()


def test_whoever_comes_while_it_opens_waits() -> None:
    opening, opened = Event(), Event()

    class Slow(Screen):
        def open_device(self) -> None:
            opening.set()
            opened.wait()
            super().open_device()

    screen = Slow()
    with ThreadPoolExecutor() as threads:
        first = threads.submit(screen.start)
        opening.wait()
        with pytest.raises(TimeoutError):
            screen.start(timeout=0)
        second = threads.submit(lambda: (screen.start(), is_open()))
        opened.set()
        first.result()
        assert second.result()[1]
    assert screen.snapshot().users == 2
    screen.stop()
    screen.stop()


def test_it_is_opened_as_often_as_it_is_closed(tmp_path: Path) -> None:
    work: list[str] = []

    class Told(Screen):
        def open_device(self) -> None:
            work.append("open")
            super().open_device()

        def close_device(self) -> None:
            super().close_device()
            work.append("closed")

    screen = Told()

    def draw(number: int) -> None:
        with screen.using():
            screen.paint((1, 2, 3), (8, 8), tmp_path / f"{number}.bmp")

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(draw, range(40)))
    assert work == ["open", "closed"] * (len(work) // 2)
    assert len(work) >= 2
    assert len(list(tmp_path.iterdir())) == 40
