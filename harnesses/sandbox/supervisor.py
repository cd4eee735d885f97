"""The process between the service and a harness: it makes sure that nothing outlives either of them.

    python -I -S supervisor.py PARENT_PID -- ARGV...

Standard library only and quick to start: it runs once per harness process. Stdin, stdout and stderr belong to the
harness; the supervisor itself keeps none of them.

It is a "child subreaper" (prctl(2)), so every descendant, however often it forked or called setsid, has it as an
ancestor. It kills all of them when

- the harness exits: the supervisor then exits with the same status (128 + n for signal n);
- it receives SIGTERM: from the service, or from the kernel because the service died (PR_SET_PDEATHSIG).

SIGHUP asks politely: it is passed to the harness as SIGTERM, and nothing else happens.

What it cannot do, because harness and supervisor have the same user: survive a SIGKILL that the harness sends it.
A sandbox with a process namespace can.
"""

import ctypes
import os
import signal
import sys
import time

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
CANNOT_START = 127  # the shell's status for a command that was not found


def _prctl(option: int, value: int) -> None:
    if ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def _start(argv: list[str], signals: set[signal.Signals]) -> int:
    """Fork and exec the harness in its own session; the pid of it."""
    supervisor = os.getpid()
    pid = os.fork()
    if pid:
        return pid
    try:
        os.setsid()
        _prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != supervisor:
            os._exit(CANNOT_START)
        # Python ignores these two; an ignored signal would stay ignored in the harness.
        for default in (signal.SIGPIPE, signal.SIGXFSZ):
            signal.signal(default, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, signals)
        os.execvpe(argv[0], argv, os.environ)
    except OSError as error:
        os.write(2, f"cannot start {argv[0]}: {error.strerror}\n".encode())
    finally:
        os._exit(CANNOT_START)  # whatever happened, the copy of the supervisor must not go on


def _parents() -> dict[int, int]:
    """pid → parent pid of every process."""
    parents: dict[int, int] = {}
    for name in os.listdir("/proc"):  # noqa: PTH208 (pathlib would cost a third of the start-up time)
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", "rb") as stat:  # noqa: PTH123
                # The command may hold spaces and parentheses; the fields start after the last one.
                parents[int(name)] = int(stat.read().rpartition(b")")[2].split()[1])
        except (OSError, IndexError, ValueError):
            continue  # it ended meanwhile
    return parents


def descendants(root: int) -> set[int]:
    """Every process below ``root``, zombies included."""
    children: dict[int, list[int]] = {}
    for pid, parent in _parents().items():
        children.setdefault(parent, []).append(pid)
    found: set[int] = set()
    queue = [root]
    while queue:
        for pid in children.get(queue.pop(), ()):
            if pid not in found:
                found.add(pid)
                queue.append(pid)
    return found


def _send(pids: set[int], number: signal.Signals) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except (ProcessLookupError, PermissionError):
            continue  # it ended meanwhile, or changed its user: then it is not ours to kill


def _reap(harness: int) -> tuple[bool, int | None]:
    """Collect what has ended: whether any child is left, and the harness's exit status if it was among them."""
    status = None
    while True:
        try:
            pid, raw = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return False, status
        if pid == 0:
            return True, status
        if pid == harness:
            code = os.waitstatus_to_exitcode(raw)
            status = code if code >= 0 else 128 - code


def _kill_all(harness: int) -> None:
    """Kill every descendant; a subreaper without children has none.

    They are frozen first, until no new one appears, so that nothing can fork faster than it is killed."""
    frozen: set[int] = set()
    while fresh := descendants(os.getpid()) - frozen:
        _send(fresh, signal.SIGSTOP)
        frozen |= fresh
    alive = True
    while alive:
        _send(descendants(os.getpid()), signal.SIGKILL)
        alive, _ = _reap(harness)
        if alive:
            time.sleep(0.002)


def main(arguments: list[str]) -> int:
    parent, argv = int(arguments[0]), arguments[2:]
    signals = {signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGCHLD}
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)
    _prctl(PR_SET_CHILD_SUBREAPER, 1)
    _prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        return CANNOT_START  # the service died before the request above took effect
    harness = _start(argv, signals)
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    while True:
        match signal.sigwaitinfo(signals).si_signo:
            case signal.SIGCHLD:
                _, status = _reap(harness)
                if status is not None:
                    _kill_all(harness)
                    return status
            case signal.SIGHUP:
                _send({harness}, signal.SIGTERM)
            case _:
                _kill_all(harness)
                return 128 + signal.SIGTERM


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
