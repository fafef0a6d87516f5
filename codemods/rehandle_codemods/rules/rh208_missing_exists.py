"""Migrated handler class without `exists`.

Prefect asks a Result with `target=` whether its location exists. Old handlers had no such method, and where the body
of `read` doesn't show how to look, it has to be written by hand. Without `target=` nothing asks. It shows how where it
opens one file, takes a value from a dict or shelf, or downloads an object of S3, Google Cloud Storage or Azure.
"""
