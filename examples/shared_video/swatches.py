"""Draws pictures of colours, each in a thread of its own, all on one device: `python swatches.py OUT ff0000 00ff00`."""

import argparse
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from screen import Colour, Screen, SdlError


def colour(text: str) -> Colour:
    """A colour that is written as six hexadecimal digits."""
    if not re.fullmatch("[0-9a-fA-F]{6}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a colour such as ff8800")
    red, green, blue = bytes.fromhex(text)
    return red, green, blue


def swatch(screen: Screen, folder: Path, shade: Colour) -> Path:
    """Draw one colour; the device is open as long as this takes."""
    file = folder / f"{bytes(shade).hex()}.bmp"
    with screen.using():
        screen.paint(shade, (64, 64), file)
    return file


def main(arguments: list[str] | None = None) -> int:
    """Draw what the command line asks for."""
    parser = argparse.ArgumentParser(description="Draw pictures of colours.")
    parser.add_argument("folder", type=Path, help="where the pictures go")
    parser.add_argument("colours", type=colour, nargs="+", help="such as ff8800")
    parser.add_argument("--driver", default="dummy", help="the video driver of SDL")
    options = parser.parse_args(arguments)
    options.folder.mkdir(parents=True, exist_ok=True)
    screen = Screen(options.driver)
    try:
        with ThreadPoolExecutor() as threads:
            for file in threads.map(lambda shade: swatch(screen, options.folder, shade), options.colours):
                print(file)
    except SdlError as error:
        print(f"swatches: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
