"""Mutation testing of the modules that decide: `python -m bench.mutate [MODULE ...]`; what survives is kept by line."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from bench.__main__ import RESULTS, keep

ROOT = Path(__file__).resolve().parents[1]
MODULES = ("planning", "images", "cluster", "releases", "fingerprint", "secretdata")


def copy(folder: Path) -> None:
    """A checkout of its own to break: the sources in place of the collection, everything installed linked."""
    platform = folder / "collections/ansible_collections/todo/platform"
    platform.mkdir(parents=True)
    for name in ("plugins", "tests"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        (platform / name).symlink_to(folder / name)
    for name in ("app", "pyproject.toml"):
        (folder / name).symlink_to(ROOT / name)


def mutate(module: str, folder: Path) -> dict[str, object]:
    """How many mutants of a module there are, and the line and operator of each that no test noticed."""
    source = f"plugins/module_utils/{module}.py"
    tests = f"tests/unit/plugins/module_utils/test_{module}.py"
    settings = {
        "module-path": source,
        "timeout": 60.0,
        "excluded-modules": [],
        "test-command": f"{sys.executable} -B -m pytest -qx -p no:cacheprovider {tests}",
    }
    lines = [f"{name} = {json.dumps(value)}" for name, value in settings.items()]
    # Nobody evaluates `str | None` in a signature.
    left_out = 'exclude-operators = ["core/ReplaceBinaryOperator_BitOr_.*"]'
    lines = ["[cosmic-ray]", *lines, "[cosmic-ray.distributor]", 'name = "local"']
    lines += ["[cosmic-ray.filters.operators-filter]", left_out]
    (folder / "cosmic-ray.toml").write_text("\n".join(lines))

    def run(program: str, *arguments: str) -> str:
        command = [str(Path(sys.executable).with_name(program)), *arguments]
        return subprocess.run(command, cwd=folder, stdout=subprocess.PIPE, text=True, check=True).stdout

    session = f"{module}.sqlite"
    run("cosmic-ray", "baseline", "cosmic-ray.toml")
    run("cosmic-ray", "init", "cosmic-ray.toml", session)
    run("cr-filter-operators", session, "cosmic-ray.toml")
    run("cosmic-ray", "exec", "cosmic-ray.toml", session)
    rows = [json.loads(line) for line in run("cosmic-ray", "dump", session).splitlines()]
    tried = [(item, result) for item, result in rows if result and result["test_outcome"]]
    survivors = [
        {"line": mutation["start_pos"][0], "operator": mutation["operator_name"].removeprefix("core/")}
        for item, result in tried
        if result["test_outcome"] == "survived"
        for mutation in item["mutations"]
    ]
    return {"module": source, "mutants": len(tried), "survived": len(survivors), "survivors": survivors}


def main() -> int:
    results = []
    for module in sys.argv[1:] or MODULES:
        with tempfile.TemporaryDirectory() as folder:
            copy(Path(folder))
            result = mutate(module, Path(folder))
        print(f"{result['module']}: {result['survived']} of {result['mutants']} mutants survived", flush=True)
        results.append(result)
    keep(RESULTS / "mutate", modules=results)
    return 0


if __name__ == "__main__":
    sys.exit(main())
