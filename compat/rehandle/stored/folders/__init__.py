"""Many stored objects: what lies in a folder or bucket, and copies of it that Prefect 3 reads. Nothing is unpickled."""
