"""`python -I -S launcher.py SOCKET ARGUMENT…`: run `zoo ARGUMENT…` in a fork of the process behind the socket.

The fork has the streams, the variables and the folder of this process, which ends as the fork does.
"""

import _socket
import array
import marshal
import os
import signal
import sys

FORWARDED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP) if os.name != "nt" else ()


def main() -> None:
    streams = [number for number in range(3) if _is_open(number)]
    signal.pthread_sigmask(signal.SIG_BLOCK, FORWARDED)
    connection = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    connection.connect(sys.argv[1])
    arguments = [os.fsencode(word) for word in sys.argv[2:]]
    request = marshal.dumps((arguments, dict(os.environb), os.getcwdb(), streams))  # noqa: PTH109
    rights = array.array("i", streams)
    connection.sendmsg([len(request).to_bytes(4)], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, rights)])
    connection.sendall(request)
    child = _receive(connection)
    for number in FORWARDED:
        signal.signal(number, lambda number, _frame: os.kill(child, number))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, FORWARDED)
    code = _receive(connection)
    if code < 0:  # it was ended by a signal
        signal.signal(-code, signal.SIG_DFL) if -code != signal.SIGKILL else None
        os.kill(os.getpid(), -code)
    os._exit(code)


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def _receive(connection: _socket.socket) -> int:
    received = b""
    while len(received) < 4:
        piece = connection.recv(4 - len(received))
        if not piece:
            raise SystemExit("the warm process has ended")
        received += piece
    return int.from_bytes(received, signed=True)


if __name__ == "__main__":
    main()
