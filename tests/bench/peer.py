"""The other side of the provider's bench, a process of its own: it reads all, sends much, or answers.

python -m tests.bench.peer PORT TASK SIZE COUNT
"""

import socket
import sys


def swallow(peer: socket.socket, size: int, count: int) -> None:
    """Read `count` pieces of `size` bytes, however they come, and then say so."""
    buffer, left = bytearray(1 << 18), size * count
    while left:
        left -= peer.recv_into(buffer)
    peer.sendall(b"!")


def pour(peer: socket.socket, size: int, count: int) -> None:
    """Send `count` pieces of `size` bytes."""
    piece = bytes(size)
    for _ in range(count):
        peer.sendall(piece)


def answer(peer: socket.socket, size: int, count: int) -> None:
    """Answer each of `count` questions of `size` bytes with as many bytes; they come whole."""
    for _ in range(count):
        peer.sendall(peer.recv(size))


TASKS = {task.__name__: task for task in (swallow, pour, answer)}


def main(port: int, task: str, size: int, count: int) -> None:
    """Connect, wait for the start, and do the task."""
    with socket.create_connection(("127.0.0.1", port)) as peer:
        peer.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
        peer.recv(1)
        TASKS[task](peer, size, count)
        peer.recv(1)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
