"""Setting that Prefect 1.4.1 ignores, in a file that isn't Python.

Old releases took settings that later ones don't know: a default result handler, `checkpoint` for all tasks. Nothing
fails where one is left, and nothing does what it says. They are found in Prefect's `config.toml`, and as variables
`PREFECT__...` in Dockerfiles, `.env` files, YAML, shell scripts and TOML. Only `check` looks for them.

Comments can't ignore it there: [`per-file-ignores`](../configuration.md) can.

## Example

The file stays as it is:

```shell
export PREFECT__TASKS__DEFAULTS__CHECKPOINT=true
```

## By hand

Do what the note says. Storing is switched on by another variable on all releases from 0.6 on:

```shell
export PREFECT__FLOWS__CHECKPOINTING=true
```
"""
