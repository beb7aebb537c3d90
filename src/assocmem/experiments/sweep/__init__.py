"""Many runs of one experiment: a file names the cells, Snakemake runs them, each cell leaves a record or a reason."""
