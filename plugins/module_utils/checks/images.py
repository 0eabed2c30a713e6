"""Every container runs the image that was built: a tag may have named another one when its pod was started."""

from __future__ import annotations

from ansible_collections.todo.platform.plugins.module_utils.checks.model import Context, Outcome, Settings, plural
from ansible_collections.todo.platform.plugins.module_utils.checks.pods import containers_of


def check_images(_settings: Settings, context: Context) -> Outcome:
    """Compare the digest that the node reports of each container with those of the image that was built."""
    strangers, checked = {}, 0
    for pod in context.staying_pods():
        spec = pod["spec"]
        named = {one["name"]: one["image"] for one in [*spec.get("initContainers", []), *spec["containers"]]}
        for container in containers_of(pod["status"]):
            image = named.get(container["name"], "")
            # A container that has not started has none yet.
            running, built = container.get("imageID", ""), context.images.get(image, ())
            if not running or not built:
                continue
            checked += 1
            if not running.endswith(tuple(built)):
                name = pod["metadata"]["name"]
                strangers[name] = f"{name}/{container['name']} runs another image than what was built as {image}"
    if strangers:
        again = f"start it anew: kubectl -n {context.cluster.namespace} delete pod {' '.join(strangers)}"
        return Outcome("failed", "; ".join(strangers.values()), again)
    if not checked:
        return Outcome("skipped", "no image of these pods was built here")
    return Outcome("ok", f"{plural(checked, 'container')} run{'s' if checked == 1 else ''} what was built")
