"""Runs the aws commands that aws_client.py brings, each in a fork that finds everything imported.

    python aws_server.py <directory of the virtualenv>

It ends when no command came for a while, when its virtualenv is gone or new, or when `make local-down` stops it.
A command runs in the environment that came with it; what was read while importing must be the same there, or the
command is refused and runs on its own.
"""

import array
import fcntl
import functools
import gc
import inspect
import io
import marshal
import os
import re
import selectors
import signal
import socket
import struct
import sys
import time

DIRECTORY = os.path.dirname(os.path.abspath(__file__))
PROGRAM = os.path.join(DIRECTORY, "aws_cli.py")
LOADED = os.stat(PROGRAM).st_mtime_ns
IDLE = 120  # seconds without a command until it ends
LOOK = 5  # seconds between two looks at whether it is still wanted
# the interpreter, the encodings of text and the place of customers' own service models were chosen by these
DECISIVE = re.compile(rb"HOME|LANG|LC_.*|PYTHON.*")
SERVICES = ("cloudformation", "cloudfront", "dynamodb", "ecr", "ecs", "elbv2", "iam", "logs", "s3", "ssm", "sts")


def warm_up():
    """Imports what aws imports on its way to a call, and keeps what it would parse again each time."""
    before = dict(os.environ)
    import aws_cli
    import botocore.hooks
    import botocore.loaders
    from awscli.clidriver import create_clidriver
    from botocore.loaders import JSONFileLoader, Loader

    builtin = Loader.BUILTIN_DATA_PATH + os.sep
    parse, kept = JSONFileLoader.load_file, {}

    def load_file(self, path):
        return kept[path] if path in kept else parse(self, path)

    remember_events(botocore.hooks)
    loader = Loader()
    # what a client needs is imported when the first one is made
    session = create_clidriver().session
    session.create_client("s3", "us-east-1", aws_access_key_id="none", aws_secret_access_key="none")
    # parsed after that, so that nothing has changed them; a command changes them in its fork only
    names = [builtin + name for name in ("endpoints", "partitions", "sdk-default-configuration", "_retry")]
    for service in SERVICES:
        version = loader.determine_latest_version(service, "service-2")
        kinds = ("service-2", "service-2.sdk-extras", "paginators-1", "waiters-2", "endpoint-rule-set-1")
        names += [f"{builtin}{service}/{version}/{kind}" for kind in kinds]
    for name in names:
        kept[name] = parse(JSONFileLoader(), name)
    JSONFileLoader.load_file = load_file
    # 400 directories and 2,000 files, several times for each command; the package's own do not change
    remember_listings(botocore.loaders, builtin)
    remember_services(session.get_component("data_loader"), builtin)
    # awscli shows botocore its data directory in a variable
    return aws_cli, {name: value for name, value in os.environ.items() if before.get(name) != value}


def remember_listings(loaders, builtin):
    class Remembered:
        """os for botocore.loaders, which knows the package's directories by heart."""

        path = os.path

        def __getattr__(self, name):
            return getattr(os, name)

        def listdir(self, path):
            return list(listing(path)) if (path + os.sep).startswith(builtin) else os.listdir(path)

    listing = functools.lru_cache(maxsize=None)(os.listdir)
    exists = loaders.JSONFileLoader.exists
    known = functools.lru_cache(maxsize=None)(lambda path: exists(None, path))
    loaders.os = Remembered()
    loaders.JSONFileLoader.exists = lambda self, path: known(path) if path.startswith(builtin) else exists(self, path)

def remember_services(loader, builtin):
    """Which services there are, as a loader like this one finds them: unless there are models of the customer's own."""
    find, found = type(loader).list_available_services, {}
    # the packages' own two
    own = (builtin, os.environ["AWS_DATA_PATH"] + os.sep)

    def list_available_services(self, type_name):
        key = (type_name, *self._potential_locations())
        if not all(path + os.sep in own for path in key[1:]):
            return find(self, type_name)
        if key not in found:
            found[key] = find(self, type_name)
        return list(found[key])

    type(loader).list_available_services = list_available_services
    for kind in ("service-2", "paginators-1", "waiters-2", "endpoint-rule-set-1"):
        loader.list_available_services(kind)


def remember_events(hooks):
    """What each session works out for its 400 handlers: the present name of the event, and whether they take anything."""
    begin, names = hooks.EventAliaser.__init__, {}

    def __init__(self, emitter, aliases=None):
        begin(self, emitter, aliases)
        if aliases is None:
            self._alias_name_cache = names

    hooks.EventAliaser.__init__ = __init__
    inspected = hooks.accepts_kwargs

    def accepts_kwargs(handler):
        code = getattr(handler, "__code__", None)
        return code.co_flags & inspect.CO_VARKEYWORDS if code and inspect.isroutine(handler) else inspected(handler)

    hooks.accepts_kwargs = accepts_kwargs


def decisive(environment):
    return {name: value for name, value in environment.items() if DECISIVE.fullmatch(name)}


def text_of(number, encoding, errors):
    """As the interpreter opens stdout and stderr."""
    unbuffered = bool(os.environ.get("PYTHONUNBUFFERED"))
    binary = open(number, "wb", 0 if unbuffered else -1, closefd=False)
    lines = number == 2 or os.isatty(number)
    return io.TextIOWrapper(binary, encoding, errors, line_buffering=lines, write_through=unbuffered)


class Command:
    """One client: its connection until the request is whole, then the fork that runs it."""

    def __init__(self, connection):
        self.connection = connection
        self.files = []
        self.received = b""
        self.length = None
        self.pid = None

    def receive(self):
        """Whether there is more to come: False when the client is gone."""
        try:
            return self.read()
        except ConnectionError:
            return False

    def read(self):
        if self.length is None:
            data, ancillary, *_ = self.connection.recvmsg(8, socket.CMSG_SPACE(4 * 4))
            for level, kind, numbers in ancillary:
                if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                    self.files += array.array("i", numbers[: len(numbers) // 4 * 4])
        else:
            data = self.connection.recv(1 << 20)
        self.received += data
        if self.length is None and len(self.received) == 8:
            (self.length,) = struct.unpack(">Q", self.received)
            self.received = b""
        return data != b""

    @property
    def is_whole(self):
        return self.length is not None and len(self.received) == self.length

    def close(self):
        self.connection.close()
        for number in self.files:
            os.close(number)
        self.files = []


class Server:
    def __init__(self, home):
        self.home = os.open(home, os.O_RDONLY)
        self.where = home
        # held as long as it lives: one server for a virtualenv
        self.lock = os.open("aws.lock", os.O_CREAT | os.O_RDWR, 0o600, dir_fd=self.home)
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.exit(0)

    def listen(self):
        try:
            os.unlink("aws.sock", dir_fd=self.home)
        except FileNotFoundError:
            pass
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        mask = os.umask(0o177)
        self.listener.bind(f"/proc/self/fd/{self.home}/aws.sock")
        os.umask(mask)
        self.listener.listen(64)
        self.socket = os.stat("aws.sock", dir_fd=self.home).st_ino
        self.commands = {}
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.listener, selectors.EVENT_READ)
        self.wakeup, writer = os.pipe()
        os.set_blocking(writer, False)
        os.set_blocking(self.wakeup, False)
        signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        self.selector.register(self.wakeup, selectors.EVENT_READ)

    def is_wanted(self):
        try:
            return os.stat(os.path.join(self.where, "aws.sock")).st_ino == self.socket
        except FileNotFoundError:
            return False

    def next(self):
        """Serves until there is a command to run; returns it in the fork that is to run it."""
        asked = time.monotonic()
        while True:
            for key, _ in self.selector.select(LOOK):
                if key.fileobj is self.listener:
                    self.accept()
                elif key.fileobj == self.wakeup:
                    os.read(self.wakeup, 4096)
                elif self.advance(key.data):
                    return key.data
            self.reap()
            if self.commands:
                asked = time.monotonic()
            elif not self.is_wanted() or time.monotonic() - asked > IDLE:
                self.end()

    def end(self):
        if self.is_wanted():
            os.unlink("aws.sock", dir_fd=self.home)
        # a client that came in this very moment finds the connection closed, and runs on its own
        sys.exit(0)

    def accept(self):
        connection, _ = self.listener.accept()
        command = Command(connection)
        self.commands[connection.fileno()] = command
        self.selector.register(connection, selectors.EVENT_READ, command)

    def advance(self, command):
        """Whether this is the fork that is to run the command."""
        if command.pid is not None:
            self.pass_signals(command)
            return False
        if not command.receive():
            self.drop(command)
        elif command.is_whole:
            return self.started(command)
        return False

    def started(self, command):
        loaded, arguments, environment, umask, ignored = marshal.loads(command.received)
        if loaded != LOADED or decisive(environment) != decisive(os.environb) or len(command.files) != 4:
            self.drop(command)
            if loaded != LOADED:
                os.unlink("aws.sock", dir_fd=self.home)
            return False
        try:
            command.connection.sendall(b"y")
        except ConnectionError:
            self.drop(command)  # it was killed meanwhile
            return False
        command.pid = os.fork()
        if command.pid == 0:
            self.become(command, arguments, environment, umask, ignored)
            return True
        for number in command.files:
            os.close(number)
        command.files = []
        return False

    def pass_signals(self, command):
        # a client that was killed takes its command with it; it may have left our answer unread
        try:
            numbers = command.connection.recv(16)
        except ConnectionError:
            numbers = b""
        for number in numbers or [signal.SIGKILL]:
            os.kill(command.pid, number)
        if not numbers:
            self.selector.unregister(command.connection)

    def drop(self, command):
        self.selector.unregister(command.connection)
        del self.commands[command.connection.fileno()]
        command.close()

    def reap(self):
        for number, command in list(self.commands.items()):
            if command.pid is None:
                continue
            pid, status = os.waitpid(command.pid, os.WNOHANG)
            if pid == 0:
                continue
            try:
                command.connection.sendall(struct.pack(">i", status))
            except OSError:
                pass  # it is gone
            if command.connection in self.selector.get_map():
                self.selector.unregister(command.connection)
            del self.commands[number]
            command.close()

    def become(self, command, arguments, environment, umask, ignored):
        """Makes this fork the process that the client would have been."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for number in ignored:
            signal.signal(number, signal.SIG_IGN)
        *standard, here = command.files
        for number, theirs in enumerate(standard):
            os.dup2(theirs, number)
        os.fchdir(here)
        self.selector.close()
        os.closerange(3, 4096)
        os.umask(umask)
        os.environb.clear()
        os.environb.update(environment)
        os.environ.update(imported)
        time.tzset()
        sys.argv = [PROGRAM, *arguments]
        encoding, errors = sys.stdout.encoding, sys.stdout.errors
        sys.stdin = sys.__stdin__ = open(0, encoding=encoding, errors=errors, closefd=False)
        sys.stdout = sys.__stdout__ = text_of(1, encoding, errors)
        sys.stderr = sys.__stderr__ = text_of(2, encoding, "backslashreplace")


server = Server(sys.argv[1])
aws, imported = warm_up()
# what is there now is never looked at again by the forks' collectors, and its pages stay shared
gc.collect()
gc.freeze()
server.listen()
server.next()
# only a fork comes here
sys.exit(aws.main())
