"""The options that the modules for Helm releases share."""

from __future__ import annotations

_SUBOPTIONS = r"""
    suboptions:
      name:
        description: Name of the release.
        type: str
        required: true
      chart: {description: See O(defaults)., type: str}
      version: {description: See O(defaults)., type: str}
      repo: {description: See O(defaults)., type: str}
      namespace: {description: See O(defaults)., type: str}
      values: {description: See O(defaults)., type: dict}
      values_files: {description: See O(defaults)., type: list, elements: str}
      timeout: {description: See O(defaults)., type: str}
      atomic: {description: See O(defaults)., type: bool}
      hooks_key: {description: See O(defaults)., type: str}
      wait: {description: See O(defaults)., type: bool}
      state: {description: See O(defaults)., type: str, choices: [present, absent]}
"""


class ModuleDocFragment:
    """Documentation only."""

    DOCUMENTATION = r"""
options:
  defaults:
    description:
      - What lies under each release. Takes what a release takes, apart from its name.
      - C(values) are merged key by key, C(values_files) come before those of the release, all else is replaced.
    type: dict
    suboptions:
      chart:
        description: A path below O(root), or a reference (C(oci://...), C(repository/chart)). Required when present.
        type: str
      version:
        description: Version of the chart. Required for a reference, of no use for a path.
        type: str
      repo:
        description: URL of the chart repository that the reference is in.
        type: str
      namespace:
        description: Namespace of the release. Without it O(namespace).
        type: str
      values:
        description:
          - Values, over those of the files.
          - Ansible shows them at C(-vvv). A secret belongs into a Secret that the chart refers to, not here.
        type: dict
      values_files:
        description: Values files, relative to O(root), the later over the earlier.
        type: list
        elements: str
      timeout:
        description: How long one wait of Helm may take, for example C(90s), C(5m) or C(1h30m). Without it C(5m).
        type: str
      atomic:
        description: Whether a failed change is rolled back (a first installation removed). Without it it is.
        type: bool
      wait:
        description: Whether to wait until all objects are ready. Without it they are waited for.
        type: bool
      hooks_key:
        description:
          - What the hooks depend on, as one text. An upgrade that leaves it and the chart as they were runs no hooks.
          - Without it hooks always run; so they do after a failure.
        type: str
      state:
        description: Whether the release should be there. Without it it should.
        type: str
        choices: [present, absent]
  namespace:
    description: Namespace of the releases that name none.
    type: str
    required: true
  root:
    description: Folder that charts and values files are relative to.
    type: path
    default: .
  kubeconfig:
    description: Path of the kubeconfig. Without it kubectl and helm take theirs.
    type: path
  context:
    description: Context in the kubeconfig. Without it the current one.
    type: str
  bin_dir:
    description: Folder with kubectl and helm. What is not there is taken from the PATH.
    type: path
  state_dir:
    description: Folder for the locks that keep two runs on this machine from changing one release at once.
    type: path
"""

    ONE = f"""
options:
  release:{_SUBOPTIONS}"""

    MANY = f"""
options:
  releases:{_SUBOPTIONS}"""
