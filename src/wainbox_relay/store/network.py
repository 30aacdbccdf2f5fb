"""Whether a folder lies on a file system that other machines share: SQLite's locks do not hold
there, and WAL needs memory that all users of the file share (sqlite.org, "WAL", section 1)."""

import os
from collections.abc import Iterable
from pathlib import Path

SHARED = frozenset(
    {
        "9p",
        "afs",
        "beegfs",
        "ceph",
        "cifs",
        "coda",
        "fuse.glusterfs",
        "fuse.rclone",
        "fuse.s3fs",
        "fuse.sshfs",
        "glusterfs",
        "lustre",
        "ncpfs",
        "nfs",
        "nfs4",
        "ocfs2",
        "orangefs",
        "smb2",
        "smb3",
        "smbfs",
        "virtiofs",
    }
)
MOUNTS = Path("/proc/self/mountinfo")


def shared_file_system(folder: Path, mounts: Path = MOUNTS) -> str | None:
    """The kind of network file system that holds the folder, or None for a local one."""
    if not mounts.exists():
        return None
    device = folder.stat().st_dev
    wanted = f"{os.major(device)}:{os.minor(device)}"
    kind = kind_of(wanted, mounts.read_text("utf-8", errors="replace").splitlines())
    return kind if kind in SHARED else None


def kind_of(device: str, lines: Iterable[str]) -> str | None:
    """The file system of a device (`major:minor`); the latest mount counts (proc(5), mountinfo)."""
    kind = None
    for line in lines:
        mount, _, rest = line.partition(" - ")
        fields = mount.split()
        if len(fields) > 2 and fields[2] == device and rest:
            kind = rest.split()[0]
    return kind
