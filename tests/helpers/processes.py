"""Processes of the tests' own: all are forked from one server, which has imported once what they need.

A process has one server only, and the last list of modules that is set before it starts is the one that it imports: two
lists, in two files of tests, would leave the processes of one of them to import everything anew.
"""

from __future__ import annotations

import multiprocessing

SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload(
    [
        "assocmem.memory",
        "assocmem.language.training.train",
        "assocmem.language.models.vanilla",
        "torch._dynamo",
        "torch.distributed",
        "torch.distributed.checkpoint",
        "transformers.models.opt.modeling_opt",
        "pytest",
    ]
)
