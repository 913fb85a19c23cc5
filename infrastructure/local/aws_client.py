"""`aws` of the local AWS's shell: asks aws_server.py, where everything is imported already, to run the command.

    python -I -S aws_client.py <argument>…

An aws process spends 0.4 s of processor time on its imports; this one needs 0.02 s, and its server a fraction. The
command sees the same arguments, environment, directory, files 0 to 2 and signals, and its exit code is ours. Where that
cannot be promised, or where no server answers, aws_cli.py runs it right here; the next one then finds a server.
Only modules that are built into the interpreter or cost nothing: each import is paid for by every command.
"""

import marshal
import posix
import sys
from _signal import SIG_DFL, SIG_IGN, SIGHUP, SIGINT, SIGPIPE, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, getsignal, signal
from _socket import AF_UNIX, SCM_RIGHTS, SOCK_STREAM, SOL_SOCKET, socket

DIRECTORY = __file__.rpartition("/")[0]
PROGRAM = f"{DIRECTORY}/aws_cli.py"
# next to the packages: the server that has imported them is removed with them
VIRTUALENV = sys.executable.rpartition("/bin/")[0]
FORWARDED = (SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2)
environment = posix.environ


def run_here():
    posix.execv(sys.executable, [sys.executable, PROGRAM, *sys.argv[1:]])


def are_open(*numbers):
    try:
        return all(posix.fstat(number) for number in numbers)
    except OSError:
        return False


def is_eligible():
    return (
        are_open(0, 1, 2)
        # never towards a real account
        and environment.get(b"AWS_ENDPOINT_URL", b"").startswith(b"http://127.0.0.1:")
        # read while botocore is imported
        and b"AWS_DATA_PATH" not in environment
        # the one opens a pager, the other reports each file that it reads
        and not {"help", "--debug"} & set(sys.argv)
        # a file that only this process has open, as in --cli-input-json file://<(…)
        and not any("/dev/fd/" in argument or "/proc/" in argument for argument in sys.argv)
    )


def start_server():
    """Twice forked, so that no process owns it; it serves the next command."""
    if posix.fork() != 0:
        posix.wait()
        return
    posix.setsid()
    if posix.fork() == 0:
        null = posix.open("/dev/null", posix.O_RDWR)
        for number in (0, 1, 2):
            posix.dup2(null, number)
        posix.closerange(3, 4096)
        posix.chdir("/")
        posix.execv(sys.executable, [sys.executable, f"{DIRECTORY}/aws_server.py", VIRTUALENV])
    posix._exit(0)


def connected():
    try:
        # a socket's path has room for 107 bytes, and a checkout's may be longer
        home = posix.open(VIRTUALENV, posix.O_RDONLY)
        connection = socket(AF_UNIX, SOCK_STREAM)
        connection.connect(f"/proc/self/fd/{home}/aws.sock")
        posix.close(home)
        return connection
    except OSError:
        return None


def send(connection):
    """The request, with files 0 to 2 and the working directory."""
    umask = posix.umask(0)
    posix.umask(umask)
    ignored = [int(number) for number in FORWARDED if getsignal(number) == SIG_IGN]
    program = posix.stat(PROGRAM).st_mtime_ns
    request = marshal.dumps((program, sys.argv[1:], dict(environment), umask, ignored))
    here = posix.open(".", posix.O_RDONLY)
    files = b"".join(number.to_bytes(4, sys.byteorder) for number in (0, 1, 2, here))
    connection.sendmsg([len(request).to_bytes(8, "big")], [(SOL_SOCKET, SCM_RIGHTS, files)])
    connection.sendall(request)
    posix.close(here)


def end_as(status):
    if posix.WIFSIGNALED(status):
        number = posix.WTERMSIG(status)
        if number not in (9, 19):
            signal(number, SIG_DFL)
        posix.kill(posix.getpid(), number)
    posix._exit(posix.WEXITSTATUS(status))


def main():
    if not is_eligible():
        run_here()
    connection = connected()
    if connection is None:
        start_server()
        run_here()
    try:
        send(connection)
        is_accepted = connection.recv(1) == b"y"
    except OSError:
        is_accepted = False
    if not is_accepted:
        connection.close()
        run_here()

    def forward(number, _):
        connection.sendall(bytes([number]))

    for number in FORWARDED:
        if getsignal(number) != SIG_IGN:
            signal(number, forward)
    signal(SIGPIPE, SIG_IGN)
    status = connection.recv(4)
    if len(status) != 4:
        posix.write(2, b"error: the process that ran this command was killed\n")
        posix._exit(255)
    end_as(int.from_bytes(status, "big"))


main()
