"""Writing a file so that a reader sees the old content or the new one, never a part."""

import contextlib
import os
import tempfile


def write_atomically(path: str, data: bytes) -> None:
    """Write a file through a temporary one beside it.

    Args:
        path: where the file goes. Its folder is made if need be.
        data: the whole content.

    Raises:
        OSError: the file can't be written. What was there before is still there.
    """
    folder = os.path.dirname(os.path.abspath(path))
    os.makedirs(folder, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=".rehandle-", dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        # mkstemp makes private files; a result is as readable as any file that its writer makes.
        umask = os.umask(0)
        os.umask(umask)
        os.chmod(temporary, 0o666 & ~umask)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
