"""The settings of a training, each written here once, and the same as arguments of the transformers Trainer.

Nothing here loads torch or transformers before it is called.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from assocmem.settings import Separated, Whole, setting, settings_class

if TYPE_CHECKING:
    from transformers import TrainingArguments

__all__ = ["TrainerSettings", "Training"]

FULL_SHARD = {"version": 2, "reshard_after_forward": True, "state_dict_type": "FULL_STATE_DICT"}
Beta = Annotated[float, setting("of AdamW", ge=0, lt=1)]
UPDATES, RECORDED, MACHINE = "Updates", "What is recorded", "Machine"


@settings_class(kw_only=True)
class TrainerSettings:
    """What a plan of a training shares with the settings of a whole run (``assocmem.experiments.training.config``).

    The rows come shuffled, anew for each pass; the last update of a pass takes those that are left (on several devices
    filled up with rows from its start). The optimizer is AdamW. The loss is also logged wherever the held-out loss is
    taken or a checkpoint is written, and both at the end, where no checkpoint is written. On a CPU runs repeat exactly.
    """

    micro: Annotated[
        Whole | None, setting("rows that a device takes at once; gradients add up. All if not given", UPDATES, ge=1)
    ] = None
    learning_rate: Annotated[
        float, setting("the largest learning rate", UPDATES, names=("--learning-rate", "--lr"), gt=0)
    ]
    schedule: Annotated[
        Literal["cosine", "linear", "constant_with_warmup"], setting("of the learning rate after the warmup", UPDATES)
    ] = "cosine"
    least_rate: Annotated[
        float, setting("what cosine ends at, as a share of the largest learning rate", UPDATES, ge=0, lt=1)
    ] = 0.0
    patience: Annotated[
        Whole | None,
        setting(
            "training ends after so many held-out losses that are no new minimum; never if not given", UPDATES, ge=1
        ),
    ] = None
    betas: Annotated[Separated[tuple[Beta, Beta]], setting("of AdamW: two numbers, from 0 to below 1", UPDATES)] = (
        0.9,
        0.95,
    )
    epsilon: Annotated[float, setting("of AdamW", UPDATES, gt=0)] = 1e-8
    weight_decay: Annotated[float, setting("of AdamW; of matrices, not of biases and norms", UPDATES, ge=0)] = 0.1
    clip: Annotated[float, setting("norm that the gradient is cut to, 0 for none", UPDATES, ge=0)] = 1.0
    log_every: Annotated[Whole, setting("updates from one logged loss to the next", RECORDED, ge=1)] = 10
    evaluate_every: Annotated[
        Whole | None,
        setting("updates from one held-out loss to the next; at the end alone if not given", RECORDED, ge=1),
    ] = None
    save_every: Annotated[
        Whole | None, setting("updates from one checkpoint to the next; none if not given", RECORDED, ge=1)
    ] = None
    keep: Annotated[Whole, setting("how many checkpoints stay", RECORDED, ge=2)] = 2
    seed: Annotated[Whole, setting("of weights and order", UPDATES, ge=0, lt=2**32)] = 0
    precision: Annotated[
        Literal["float32", "bfloat16"], setting("bfloat16 trains under autocast, weights stay float32", MACHINE)
    ] = "float32"
    compile: Annotated[bool, setting("torch.compile", MACHINE)] = False
    shard: Annotated[Literal["none", "full"], setting("full is FSDP, under torchrun", MACHINE)] = "none"
    workers: Annotated[Whole, setting("processes that load rows", MACHINE, ge=0)] = 0
    exact: Annotated[bool, setting("deterministic kernels, slower on a GPU", MACHINE)] = False


@settings_class()
class Training(TrainerSettings):
    """How a model is trained.

    A call raises ValueError that names the setting.
    """

    steps: Annotated[Whole, setting("updates", UPDATES, ge=1)]
    batch: Annotated[Whole, setting("rows an update, over all devices", UPDATES, ge=1)]
    warmup: Annotated[Whole, setting("updates in which the learning rate rises", UPDATES, ge=0)] = 0
    device: Annotated[Literal["cpu", "cuda"], setting("where it runs", MACHINE)] = "cpu"

    def fit_together(self) -> None:
        """Check the rules between settings.

        Raises
        ------
        ValueError
            Where the learning rate would rise for longer than the training is; for a least rate without a cosine, and
            patience without held-out losses.
        """
        if self.warmup > self.steps:
            raise ValueError(f"warmup must not exceed steps={self.steps}, got {self.warmup}")
        if self.least_rate and self.schedule != "cosine":
            raise ValueError(f"least_rate goes with schedule cosine, not {self.schedule}, got {self.least_rate}")
        if self.patience is not None and self.evaluate_every is None:
            raise ValueError(f"patience counts held-out losses, which evaluate_every must ask for, got {self.patience}")

    def arguments(self, folder: Path, ranks: int, *, progress: bool, held_out: bool) -> TrainingArguments:
        """The same as arguments of the Trainer.

        Parameters
        ----------
        folder : Path
            Where the Trainer writes.
        ranks : int
            How many processes train.
        progress : bool
            Whether a bar is shown.
        held_out : bool
            Whether there are held-out rows.

        Returns
        -------
        transformers.TrainingArguments
            Of this process.

        Raises
        ------
        ValueError
            For what this machine cannot do, and rows that do not divide over the ranks.
        """
        from transformers import TrainingArguments

        self.check_machine(ranks)
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
            lr_scheduler_type="cosine_with_min_lr" if self.least_rate else self.schedule,
            lr_scheduler_kwargs={"min_lr_rate": self.least_rate} if self.least_rate else None,
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

    def check_machine(self, ranks: int) -> None:
        """Refuse what this machine cannot do, before any work.

        Parameters
        ----------
        ranks : int
            How many processes train.

        Raises
        ------
        ValueError
            In one line.
        """
        import torch

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
