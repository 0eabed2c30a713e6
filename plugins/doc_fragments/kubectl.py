"""The options that the modules share which call kubectl themselves."""

from __future__ import annotations


class ModuleDocFragment:
    """Documentation only."""

    DOCUMENTATION = r"""
options:
  kubectl:
    description: The program kubectl.
    type: str
    default: kubectl
  kubeconfig:
    description: The kubeconfig of the cluster.
    type: path
  context:
    description: The context in the kubeconfig; its current one if not given.
    type: str
"""
