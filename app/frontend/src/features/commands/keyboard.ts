import type { AppCommand } from "./registry";

const SEQUENCE_MS = 1_000;
const STORAGE_KEY = "todo-shortcuts";

/** Whether keys without Ctrl or Command do anything: a person who dictates has to be able to turn them off. */
export function hasSingleKeys(): boolean {
  return localStorage.getItem(STORAGE_KEY) !== "off";
}

export function setSingleKeys(isOn: boolean): void {
  if (isOn) {
    localStorage.removeItem(STORAGE_KEY);
  } else {
    localStorage.setItem(STORAGE_KEY, "off");
  }
}

/** Runs commands by their keys; the result stops it. */
export function listenForShortcuts(commands: () => readonly AppCommand[]): () => void {
  let pressed: string[] = [];
  let last = 0;

  const onKeyDown = (event: KeyboardEvent): void => {
    const chord = chordOf(event);
    if (event.defaultPrevented || event.isComposing || !chord || !isHeard(event, chord)) {
      return;
    }
    pressed = event.timeStamp - last > SEQUENCE_MS ? [chord] : [...pressed, chord];
    last = event.timeStamp;
    const command = findLast(commands(), pressed);
    if (command) {
      event.preventDefault();
      pressed = [];
      command.run();
    }
  };
  document.addEventListener("keydown", onKeyDown);
  return () => document.removeEventListener("keydown", onKeyDown);
}

/** The command with the longest keys that the pressed ones end in; of two, the one offered last. */
function findLast(commands: readonly AppCommand[], pressed: readonly string[]): AppCommand | undefined {
  for (let from = 0; from < pressed.length; from++) {
    const keys = pressed.slice(from).join(" ");
    const command = commands.findLast((candidate) => candidate.keys === keys);
    if (command) {
      return command;
    }
  }
  return undefined;
}

function isHeard(event: KeyboardEvent, chord: string): boolean {
  if (document.querySelector("dialog:modal, [role=menu]:popover-open")) {
    return false;
  }
  return chord.startsWith("mod+") || (hasSingleKeys() && !isEditable(event.target));
}

function isEditable(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || target.matches(EDITABLE));
}

const EDITABLE = "textarea, select, input:not([type=checkbox], [type=radio], [type=button])";

/** `mod+k`, `shift+arrowdown`, `?`: shift is named only where the character doesn't tell it. */
function chordOf({ key, ctrlKey, metaKey, altKey, shiftKey }: KeyboardEvent): string | undefined {
  if (altKey || ["Control", "Meta", "Shift"].includes(key)) {
    return undefined;
  }
  const shift = shiftKey && (key.length > 1 || /\p{L}/u.test(key)) ? "shift+" : "";
  return `${ctrlKey || metaKey ? "mod+" : ""}${shift}${key === " " ? "space" : key.toLowerCase()}`;
}
