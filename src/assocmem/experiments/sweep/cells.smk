# The workflow that Snakemake runs for a sweep: one job a cell, so many at once as there are cores (and GPUs).
# `assocmem sweep` writes the configuration: the cells that are to be run, the command of a cell, and its GPUs.
CELLS, GPUS = config["cells"], config["gpus"]


rule all:
    input:
        expand("cells/{cell}/record.json", cell=CELLS),


rule cell:
    output:
        "cells/{cell}/record.json",
    wildcard_constraints:
        cell=r"[a-z0-9.-]+",
    log:
        "cells/{cell}/log.txt",
    params:
        command=config["command"],
    resources:
        gpu=1 if GPUS else 0,
    shell:
        "{params.command} --cell {wildcards.cell} >> {log} 2>&1"
