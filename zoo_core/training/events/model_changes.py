"""The hook with access to the model: for averaging, freezing and pruning; what it does is recorded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal

import torch
from attrs import define, field
from torch import Tensor, nn

from zoo_core.errors import PluginError
from zoo_core.hookspecs import MODEL_HOOK
from zoo_core.messages import escape_control_chars
from zoo_core.plugins.hook_implementations import Implementation
from zoo_core.plugins.manager import LoadedPlugins
from zoo_core.plugins.plugin_source import MAX_ERROR_CHARS, PluginSource, describe_exception
from zoo_core.recipes.fingerprints import code_hash
from zoo_core.seeds import seeded
from zoo_core.training.events.model_state import ModelState, find_memory_problem

Moment = Literal["started", "batch", "epoch", "evaluated", "finished"]


@define(eq=False)
class ModelChanges:
    """Lets plugins change the model of a run, and records what they did.

    `memory` has the tensors of each plugin, which checkpoints store. `records` are as in `result.json`.
    """

    plugins: LoadedPlugins
    seed: int
    run_id: str = ""
    memory: dict[str, dict[str, Tensor]] = field(factory=dict)
    records: list[dict[str, Any]] = field(factory=list)
    frozen_at_start: list[str] = field(factory=list)  # parameters that the optimizer does not get
    changers: list[tuple[PluginSource, Implementation]] = field(init=False)

    @changers.default
    def _implementations(self) -> list[tuple[PluginSource, Implementation]]:
        return self.plugins.implementations(MODEL_HOOK)

    def begin(self, module: nn.Module, stored: Mapping[str, Any] | None) -> None:
        """Before the optimizer is built: call the hooks, or restore what they froze then. Raises ValueError."""
        if stored is None:
            self.update(module, "started")
            self.frozen_at_start = _frozen_names(module)
            return
        if set(stored.get("memory", ())) != {_full_name(source) for source, _ in self.changers}:
            raise ValueError("other plugins change the model")
        if self.changers:  # otherwise what is frozen is as the model built it
            self.frozen_at_start = list(stored["frozen_at_start"])
            _freeze(module, self.frozen_at_start)

    def update(self, module: nn.Module, moment: Moment, *, epoch: int = 0, step: int = 0) -> None:
        """Call the hook of each plugin. Raises PluginError if it fails, or makes another model of it."""
        for source, implementation in self.changers:
            name, before = _full_name(source), ModelState.of(module)
            memory = self.memory.setdefault(name, {})
            with seeded(self.seed, MODEL_HOOK, name, moment, epoch, step), torch.no_grad():
                answer = self._call(source, implementation, module, moment, epoch=epoch, step=step, memory=memory)
            problem = before.find_breach(module, is_last=moment == "finished") or find_memory_problem(memory)
            if problem:
                raise _error(source, problem)
            before.restore_modes(module)
            text = answer or before.describe_change(module)
            if text:
                self._record(source, implementation, moment, epoch, text)

    def _call(
        self, source: PluginSource, implementation: Implementation, module: nn.Module, moment: Moment, **event: Any
    ) -> str:
        event |= {"run_id": self.run_id, "model": module, "moment": moment}
        try:
            answer = implementation.function(**{name: event[name] for name in implementation.arguments})
        except (KeyboardInterrupt, PluginError, MemoryError):
            raise
        except Exception as error:
            raise _error(source, f"raised {describe_exception(error)}") from error
        if answer is not None and not isinstance(answer, str):
            raise _error(source, f"returned {type(answer).__name__}, expected a description or None")
        return escape_control_chars(answer or "")[:MAX_ERROR_CHARS]

    def _record(
        self, source: PluginSource, implementation: Implementation, moment: Moment, epoch: int, text: str
    ) -> None:
        """Add what a plugin did; the same at the same moment of later epochs is counted."""
        key = {**_identity(source, implementation), "moment": moment, "change": text}
        for record in self.records:
            if all(record[name] == value for name, value in key.items()):
                record.update(times=record["times"] + 1, last_epoch=epoch)
                return
        self.records.append({**key, "times": 1, "first_epoch": epoch, "last_epoch": epoch})

    def state(self, module: nn.Module) -> dict[str, Any]:
        """What a checkpoint stores: nothing if no plugin changes models."""
        if not self.changers:
            return {}
        frozen = _frozen_names(module)
        return {
            "memory": self.memory,
            "records": self.records,
            "frozen": frozen,
            "frozen_at_start": self.frozen_at_start,
        }

    def restore(self, stored: Mapping[str, Any], module: nn.Module) -> None:
        """Restore what `state` returned, after the optimizer is built."""
        if stored:
            self.memory = {name: dict(tensors) for name, tensors in stored["memory"].items()}
            self.records = [dict(record) for record in stored["records"]]
            _freeze(module, stored["frozen"])


def _frozen_names(module: nn.Module) -> list[str]:
    return [name for name, parameter in module.named_parameters() if not parameter.requires_grad]


def _freeze(module: nn.Module, names: Iterable[str]) -> None:
    """Freeze these parameters, and no others."""
    frozen = set(names)
    for name, parameter in module.named_parameters():
        parameter.requires_grad_(name not in frozen)


def _identity(source: PluginSource, implementation: Implementation) -> dict[str, str]:
    return {
        "plugin": source.plugin,
        "distribution": source.distribution,
        "version": source.version,
        "code": code_hash(implementation.function.__module__),
    }


def _error(source: PluginSource, behavior: str) -> PluginError:
    return PluginError(
        f'plugin "{source.plugin}" ({source}): {MODEL_HOOK} {behavior}',
        hint=f"{source.remedy}; the run was not written",
    )


def _full_name(source: PluginSource) -> str:
    return f"{source.distribution}/{source.plugin}"
