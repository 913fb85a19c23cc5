"""Runs a command (dockerd) in its own mount namespace; none of its mounts is seen outside.

In a chroot it also gets there what Docker needs and a chroot lacks: a root that is a mount point (Docker remounts and
pivots it, and `docker exec` comes back to the namespace's root, not the chroot's), and the cgroup file systems.
"""

import ctypes
import os
import sys

CLONE_NEWNS = 0x20000
MS_BIND, MS_MOVE, MS_REC, MS_PRIVATE = 0x1000, 0x2000, 0x4000, 0x40000

libc = ctypes.CDLL(None, use_errno=True)


def check(result: int, what: str) -> None:
    if result != 0:
        sys.exit(f"error: {what}: {os.strerror(ctypes.get_errno())}")


def mount(source: str, target: str, kind: str = "", flags: int = 0, options: str = "") -> None:
    arguments = [text.encode() or None for text in (source, target, kind)]
    check(libc.mount(*arguments, ctypes.c_ulong(flags), options.encode() or None), f"mount {target}")


def mount_points() -> list[str]:
    with open("/proc/self/mountinfo", encoding="utf-8") as lines:
        return [line.split()[4] for line in lines]


def make_root_a_mount_point() -> None:
    chroot = os.open("/", os.O_RDONLY)
    namespace = os.open("/proc/self/ns/mnt", os.O_RDONLY)
    # entering the namespace that we are in leads out of the chroot, to its real root
    check(libc.setns(namespace, CLONE_NEWNS), "setns")
    mount("", "/", flags=MS_REC | MS_PRIVATE)
    os.fchdir(chroot)
    tree = os.getcwd()
    mount(tree, tree, flags=MS_BIND | MS_REC)
    os.chdir(tree)
    mount(".", "/", flags=MS_MOVE)
    os.chroot(".")
    os.chdir("/")
    os.close(chroot)
    os.close(namespace)


def named_hierarchies() -> list[str]:
    with open("/proc/self/cgroup", encoding="utf-8") as lines:
        controllers = [line.split(":")[1] for line in lines]
    return [text.removeprefix("name=") for text in controllers if text.startswith("name=")]


def mount_cgroups() -> None:
    with open("/proc/cgroups", encoding="utf-8") as lines:
        controllers = [line.split() for line in lines if not line.startswith("#")]
    # cgroup v1: controllers of one hierarchy are mounted together; no hierarchy at all: cgroup v2
    hierarchies: dict[str, list[str]] = {}
    for name, hierarchy, *_ in controllers:
        if hierarchy != "0":
            hierarchies.setdefault(hierarchy, []).append(name)
    if not hierarchies:
        mount("cgroup2", "/sys/fs/cgroup", "cgroup2")
        return
    mount("cgroup", "/sys/fs/cgroup", "tmpfs", options="mode=755")
    for names in hierarchies.values():
        together = ",".join(names)
        os.mkdir(f"/sys/fs/cgroup/{together}")
        mount("cgroup", f"/sys/fs/cgroup/{together}", "cgroup", options=together)
    # a hierarchy without controllers, systemd's: containerd looks for each one that its processes are in, and without
    # it does not hear that a container ran out of memory
    for name in named_hierarchies():
        os.mkdir(f"/sys/fs/cgroup/{name}")
        mount("cgroup", f"/sys/fs/cgroup/{name}", "cgroup", options=f"none,name={name}")


check(libc.unshare(CLONE_NEWNS), "unshare")
if "/" in mount_points():
    mount("", "/", flags=MS_REC | MS_PRIVATE)
else:
    make_root_a_mount_point()
if not any(point.startswith("/sys/fs/cgroup") for point in mount_points()):
    mount_cgroups()
os.execvp(sys.argv[1], sys.argv[1:])
