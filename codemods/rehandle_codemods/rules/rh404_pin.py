"""Pin that keeps Prefect on releases with result handlers.

`prefect==0.10.*` or `prefect<0.14` admit no release from 0.14 to 1.4. Migrated code runs without rehandle from 0.11 on:
where the pin admits nothing from there on, it has to move, elsewhere it may. Pins are found in requirements and
constraints files, `setup.py`, `setup.cfg`, `pyproject.toml` (also Poetry's), `Pipfile` and conda's `environment.yml`.
Only `check` looks for them.

Comments can't ignore it there: [`per-file-ignores`](../configuration.md) can.

## Example

The file stays as it is:

```text
prefect>=0.10,<0.11
```

## By hand

Move the pin once the code is migrated:

```text
prefect>=1.4,<2
```
"""
