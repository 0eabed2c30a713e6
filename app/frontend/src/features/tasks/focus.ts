const CONTROLS = "button:not([popover] *), input:not([popover] *)";

/** Hands the focus to the same control of the next row, or the one before, as this one is about to go. */
export function focusNeighbour(control: HTMLElement): void {
  if (!focusIn(control, 1)) {
    focusIn(control, -1);
  }
}

/** Goes with the arrow keys from row to row; false for any other key. */
export function moveFocus(control: HTMLElement, key: string): boolean {
  const step = { ArrowDown: 1, ArrowUp: -1 }[key];
  return step !== undefined && focusIn(control, step);
}

function focusIn(control: HTMLElement, step: number): boolean {
  const row = control.closest("li");
  const index = controlsOf(row).indexOf(control);
  let neighbour: Element | null | undefined = row;
  do {
    neighbour = step > 0 ? neighbour?.nextElementSibling : neighbour?.previousElementSibling;
  } while (neighbour && controlsOf(neighbour).length === 0);
  if (!neighbour) {
    return false;
  }
  // Rows differ in what they show; the first controls and the last ones are in all of them.
  const controls = controlsOf(neighbour);
  const target = index < 2 ? controls[index] : controls.at(index - controlsOf(row).length);
  target?.focus();
  return target !== undefined;
}

function controlsOf(row: Element | null | undefined): HTMLElement[] {
  return Array.from(row?.querySelectorAll<HTMLElement>(CONTROLS) ?? []);
}
