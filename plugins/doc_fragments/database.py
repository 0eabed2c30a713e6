"""The options that the modules for databases share."""

from __future__ import annotations


class ModuleDocFragment:
    """Documentation only."""

    DOCUMENTATION = r"""
options:
  mode:
    description:
      - Where the server is. V(chart) is a pod of the cluster, V(host) is this machine.
    type: str
    required: true
  user:
    description: User that the application logs in as. Required unless O(mode=external).
    type: str
  name:
    description: Database that the user owns. Required unless O(mode=external).
    type: str
  password:
    description:
      - The user's password. Required with O(mode=host).
      - With O(mode=chart) an empty one stands for the server's own, which its container knows.
    type: str
    default: ""
  host:
    description: Address of the server on this machine, as the application reaches it.
    type: str
    default: 127.0.0.1
  port:
    description: TCP port of the server.
    type: int
    default: 5432
  pod:
    description: Pod of the server.
    type: str
    default: postgres-0
  container:
    description: Container of the server in its pod.
    type: str
    default: postgres
  namespace:
    description: Namespace of the pod.
    type: str
  kubeconfig:
    description: The cluster's kubeconfig.
    type: path
  context:
    description: Context in it; empty takes the current one.
    type: str
    default: ""
  bin_dir:
    description: Folder with C(kubectl); without it the PATH is searched.
    type: path
"""
