"""The same flow before and after, and on several releases."""
