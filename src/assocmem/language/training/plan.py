"""The settings of a training, each checked by name, and the same as arguments of the transformers Trainer."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any

import torch
from transformers import TrainingArguments

__all__ = ["Training"]

CHOICES = {
    "schedule": ("cosine", "linear", "constant_with_warmup"),
    "precision": ("float32", "bfloat16"),
    "shard": ("none", "full"),
    "device": ("cpu", "cuda"),
}
WHOLE = {
    "steps": 1,
    "batch": 1,
    "micro": 1,
    "warmup": 0,
    "log_every": 1,
    "evaluate_every": 1,
    "save_every": 1,
    "seed": 0,
    "workers": 0,
    "keep": 2,
}
"""Whole numbers and their least value."""
SEEDS = 2**32
FULL_SHARD = {"version": 2, "reshard_after_forward": True, "state_dict_type": "FULL_STATE_DICT"}


@dataclass(frozen=True)
class Training:
    """How a model is trained.

    steps : updates. batch : rows an update, over all devices; micro : rows a device takes at once (batch if None). The
    rows come shuffled, anew for each pass; the last update of a pass takes those that are left (on several devices
    filled up with rows from its start).
    learning_rate, warmup (updates), schedule, betas, epsilon, weight_decay (of matrices, not of biases and norms) : of
    AdamW. clip : norm that the gradient is cut to, 0 for none.
    log_every, evaluate_every, save_every : updates. The loss is also logged wherever the held-out loss is taken or a
    checkpoint is written, and both at the end, where no checkpoint is written.
    precision : "bfloat16" trains under autocast, weights stay float32. compile : torch.compile. shard : "full" is FSDP.
    device : "cpu" or "cuda". workers : processes that load rows. keep : how many checkpoints stay.
    exact : deterministic kernels, slower on a GPU; on a CPU runs repeat exactly anyway.

    Raises ValueError that names the field.
    """

    steps: int
    batch: int
    learning_rate: float
    micro: int | None = None
    warmup: int = 0
    schedule: str = "cosine"
    betas: tuple[float, float] = (0.9, 0.95)
    epsilon: float = 1e-8
    weight_decay: float = 0.1
    clip: float = 1.0
    log_every: int = 10
    evaluate_every: int | None = None
    save_every: int | None = None
    seed: int = 0
    precision: str = "float32"
    compile: bool = False
    shard: str = "none"
    device: str = "cpu"
    workers: int = 0
    keep: int = 2
    exact: bool = False

    def __post_init__(self) -> None:
        for name, least in WHOLE.items():
            value = getattr(self, name)
            optional = value is None and name in ("micro", "evaluate_every", "save_every")
            if not optional and (type(value) is not int or value < least):
                raise ValueError(f"{name} must be a whole number, at least {least}, got {value!r}")
        if self.warmup > self.steps:
            raise ValueError(f"warmup must not exceed steps={self.steps}, got {self.warmup}")
        if self.seed >= SEEDS:
            raise ValueError(f"seed must be below 2**32, got {self.seed}")
        for name in ("learning_rate", "epsilon", "weight_decay", "clip"):
            value = getattr(self, name)
            zero = name in ("weight_decay", "clip")
            if not (isfinite(value) and (value > 0 or (zero and value == 0))):
                raise ValueError(f"{name} must be finite and {'not negative' if zero else 'positive'}, got {value!r}")
        if len(self.betas) != 2 or not all(0 <= beta < 1 for beta in self.betas):
            raise ValueError(f"betas must be two numbers in [0, 1), got {self.betas!r}")
        for name, taken in CHOICES.items():
            if getattr(self, name) not in taken:
                raise ValueError(f"{name} must be one of {', '.join(taken)}, got {getattr(self, name)!r}")

    def arguments(self, folder: Path, ranks: int, *, progress: bool, held_out: bool) -> TrainingArguments:
        """The same as arguments of the Trainer, on so many ranks. Raises ValueError for what this machine cannot do."""
        self._check_machine(ranks)
        micro = self.batch // ranks if self.micro is None else self.micro
        if micro == 0 or self.batch % (micro * ranks):
            raise ValueError(f"batch={self.batch} must be a multiple of micro={micro} rows times {ranks} ranks")
        sharded: dict[str, Any] = {"fsdp": True, "fsdp_config": dict(FULL_SHARD)} if self.shard == "full" else {}
        return TrainingArguments(
            output_dir=str(folder),
            max_steps=self.steps,
            per_device_train_batch_size=micro,
            gradient_accumulation_steps=self.batch // (micro * ranks),
            per_device_eval_batch_size=micro,
            learning_rate=self.learning_rate,
            warmup_steps=self.warmup,
            lr_scheduler_type=self.schedule,
            optim="adamw_torch_fused",
            adam_beta1=self.betas[0],
            adam_beta2=self.betas[1],
            adam_epsilon=self.epsilon,
            weight_decay=self.weight_decay,
            max_grad_norm=self.clip,
            seed=self.seed,
            data_seed=self.seed,
            logging_steps=self.log_every,
            logging_nan_inf_filter=False,
            save_total_limit=self.keep,
            eval_strategy="steps" if held_out else "no",
            eval_steps=self.evaluate_every or self.steps,
            save_strategy="steps" if self.save_every else "no",
            save_steps=self.save_every or self.steps,
            bf16=self.precision == "bfloat16",
            torch_compile=self.compile,
            use_cpu=self.device == "cpu",
            full_determinism=self.exact,
            dataloader_num_workers=self.workers,
            report_to="none",
            dataloader_pin_memory=self.device == "cuda",
            remove_unused_columns=False,
            batch_eval_metrics=True,
            label_names=["labels"],
            disable_tqdm=not progress,
            ddp_find_unused_parameters=False,
            **sharded,
        )

    def _check_machine(self, ranks: int) -> None:
        if self.shard == "full" and ranks == 1:
            raise ValueError("shard='full' needs several ranks; start with torchrun")
        if self.shard == "full" and self.device == "cpu":
            raise ValueError("shard='full' needs device='cuda': on CPUs the Trainer would not shard, without a word")
        if self.device == "cuda" and not torch.cuda.is_available():
            raise ValueError("device='cuda' needs a GPU, and torch finds none here; device='cpu' does without")
        if self.device == "cuda" and ranks == 1 and torch.cuda.device_count() > 1:
            raise ValueError(
                f"device='cuda' finds {torch.cuda.device_count()} GPUs and one process: start with "
                "torchrun, or name one GPU in CUDA_VISIBLE_DEVICES"
            )
