let latest: (() => void) | undefined;

/** Takes back the last change that can be. */
export function undoLatest(): void {
  latest?.();
}

export function setLatest(undo: () => void): void {
  latest = undo;
}

/** Forgets a change, unless another came after it. */
export function forget(undo: () => void): void {
  if (latest === undo) {
    latest = undefined;
  }
}
