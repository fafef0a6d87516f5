"""From where a handler is made to where it is used."""
