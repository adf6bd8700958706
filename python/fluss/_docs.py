"""Sentences of methods that several classes have: each stands in one of them."""

from __future__ import annotations

from typing import Any


def _described(attribute: Any) -> Any:
    """What has the docstring: the function of a static method."""
    return attribute.__func__ if isinstance(attribute, staticmethod) else attribute


def _blocking(text: str) -> str:
    """A docstring whose example does not await. (Among themselves, awaitable classes share none that does.)"""
    return text.replace("async with await ", "with ").replace("async with ", "with ").replace("await ", "")


def share_docs(cls: type, source: type) -> None:
    """Gives the public methods and properties of ``cls`` that lack a docstring those of ``source``."""
    if not cls.__doc__:
        cls.__doc__ = _blocking(source.__doc__ or "")
    for base in reversed(cls.__mro__[:-1]):
        for name, attribute in vars(base).items():
            described = _described(attribute)
            if name.startswith("_") or not (callable(described) or isinstance(described, property)):
                continue
            text = getattr(getattr(source, name, None), "__doc__", None)
            if text and not described.__doc__:
                described.__doc__ = _blocking(text)
