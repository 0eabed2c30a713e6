"""NetworkPolicies are named; whether anything enforces them is only said when it is known."""

from __future__ import annotations

from ansible_collections.todo.platform.plugins.module_utils.checks.model import Context, Outcome, Settings, plural


def check_network_policy(settings: Settings, context: Context) -> Outcome:
    """Name the NetworkPolicies. `enforced` is what is known of the cluster's network: true, false, or None."""
    names = sorted(one["metadata"]["name"] for one in context.cluster.objects("networkpolicies"))
    if not names:
        return Outcome("skipped", "no network policies", final=True)
    text = f"{plural(len(names), 'policy', 'policies')} ({', '.join(names)})"
    if settings["enforced"] is False:
        hint = "use a network that enforces policies"
        return Outcome("warning", f"{text} not enforced by this cluster", hint, final=True)
    return Outcome("skipped", f"{text} not verified", final=True)
