"""SDL's video device behind the lifecycle: what a program shares, and what it does with it."""

import ctypes
import os
import sys
from functools import cache
from pathlib import Path

import sdl2dll
from video_lifecycle import VideoLifecycle

INIT_VIDEO = 0x20
RGB24 = 0x17101803
"""SDL_PIXELFORMAT_RGB24."""

Colour = tuple[int, int, int]


class SdlError(Exception):
    """SDL refused something; the text is SDL's own."""


class Screen(VideoLifecycle):
    """The video device of SDL.

    Any thread may say `with screen.using():` and draw inside. The first opens the device, whoever comes meanwhile waits
    until it is open, and after the last it is closed.
    """

    def __init__(self, driver: str = "dummy") -> None:
        """`driver` is a name that SDL knows, such as `x11`, `windows`, or `dummy`, which draws into memory alone."""
        super().__init__()
        self.driver = driver

    def open_device(self) -> None:
        """Open the device, as the lifecycle asks for it."""
        library().SDL_setenv(b"SDL_VIDEODRIVER", self.driver.encode(), 1)
        _checked(library().SDL_Init(INIT_VIDEO) == 0)

    def close_device(self) -> None:
        """Close it."""
        library().SDL_Quit()

    def paint(self, colour: Colour, size: tuple[int, int], file: Path) -> None:
        """Draw a picture of one colour, with a border, and write it to a file in the format BMP.

        Raises:
            SdlError: the device is not open, or SDL refused.
        """
        sdl, (width, height) = library(), size
        _checked(sdl.SDL_WasInit(INIT_VIDEO) == INIT_VIDEO, "the device is not open")
        surface = _checked(sdl.SDL_CreateRGBSurfaceWithFormat(0, width, height, 24, RGB24))
        try:
            renderer = _checked(sdl.SDL_CreateSoftwareRenderer(surface))
            try:
                _checked(sdl.SDL_SetRenderDrawColor(renderer, *colour, 255) == 0)
                _checked(sdl.SDL_RenderClear(renderer) == 0)
                _checked(sdl.SDL_SetRenderDrawColor(renderer, 0, 0, 0, 255) == 0)
                _checked(sdl.SDL_RenderDrawRect(renderer, None) == 0)
                sdl.SDL_RenderPresent(renderer)
            finally:
                sdl.SDL_DestroyRenderer(renderer)
            stream = _checked(sdl.SDL_RWFromFile(os.fsencode(file), b"wb"))
            _checked(sdl.SDL_SaveBMP_RW(surface, stream, 1) == 0)
        finally:
            sdl.SDL_FreeSurface(surface)


@cache
def library() -> ctypes.CDLL:
    """The C library SDL2, as the package `pysdl2-dll` brings it."""
    name = {"win32": "SDL2.dll", "darwin": "SDL2.framework/SDL2"}.get(sys.platform, "libSDL2-2.0.so")
    sdl = ctypes.CDLL(str(Path(sdl2dll.get_dllpath()) / name))
    pointer, integer, text = ctypes.c_void_p, ctypes.c_int, ctypes.c_char_p
    byte, number = ctypes.c_uint8, ctypes.c_uint32
    for function, result, arguments in (
        ("SDL_setenv", integer, [text, text, integer]),
        ("SDL_GetError", text, []),
        ("SDL_Init", integer, [number]),
        ("SDL_WasInit", number, [number]),
        ("SDL_Quit", None, []),
        ("SDL_CreateRGBSurfaceWithFormat", pointer, [number, integer, integer, integer, number]),
        ("SDL_FreeSurface", None, [pointer]),
        ("SDL_CreateSoftwareRenderer", pointer, [pointer]),
        ("SDL_DestroyRenderer", None, [pointer]),
        ("SDL_SetRenderDrawColor", integer, [pointer, byte, byte, byte, byte]),
        ("SDL_RenderClear", integer, [pointer]),
        ("SDL_RenderDrawRect", integer, [pointer, pointer]),
        ("SDL_RenderPresent", None, [pointer]),
        ("SDL_RWFromFile", pointer, [text, text]),
        ("SDL_SaveBMP_RW", integer, [pointer, pointer, integer]),
    ):
        getattr(sdl, function).restype = result
        getattr(sdl, function).argtypes = arguments
    return sdl


def _checked(answer: int | None, reason: str | None = None) -> int:
    """The answer of a function of SDL, unless it says that something is wrong."""
    if not answer:
        raise SdlError(reason or library().SDL_GetError().decode())
    return answer
