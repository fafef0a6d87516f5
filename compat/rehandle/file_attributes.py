"""What a file has beside its content, for one that takes its place."""

import contextlib
import os
from typing import Dict

_ACCESS_LIST = "system.posix_acl_access"


def keep_owner(before: os.stat_result, path: str) -> bool:
    """Give a file the owner and group of another one.

    Args:
        before: the other's status.
        path: the file.

    Returns:
        Whether it has both. Where it can't have the owner, it has the group if that may be given.
    """
    own = os.stat(path)
    if not hasattr(os, "chown") or (own.st_uid, own.st_gid) == (before.st_uid, before.st_gid):
        return True
    # Only root may give files away. A group may be given by its members.
    for uid in (before.st_uid, -1):
        with contextlib.suppress(OSError):
            os.chown(path, uid, before.st_gid)
            return uid != -1
    return False


def keep_attributes(before: str, path: str) -> bool:
    """Give a file the extended attributes of another one, access control lists among them, as far as the system lets.

    Args:
        before: the other's path.
        path: the file's.

    Returns:
        Whether the access control list, if there is one, is among them.
    """
    if not hasattr(os, "listxattr"):
        return True
    try:
        wanted: Dict[str, bytes] = {name: os.getxattr(before, name) for name in os.listxattr(before)}
        own = {name: os.getxattr(path, name) for name in os.listxattr(path)}
    except OSError:
        return True
    for name in own.keys() - wanted.keys():  # a folder can give its new files a list of its own
        with contextlib.suppress(OSError):
            os.removexattr(path, name)
    keeps_list = True
    for name, value in wanted.items():
        if own.get(name) != value:
            try:
                os.setxattr(path, name, value)
            except OSError:
                keeps_list = keeps_list and name != _ACCESS_LIST
    return keeps_list
