"use client";

import { Command } from "@/components/ui/command";
import { Dialog } from "@/components/ui/dialog";
import { useAvailableCommands } from "./registry";

/** Finds and does what the app can do. */
export default function CommandPalette({ onClose }: { onClose: () => void }) {
  const commands = useAvailableCommands().filter((command) => !command.isOnlyShortcut);
  return (
    <Dialog open title="Commands" isTitleHidden onClose={onClose}>
      <Command
        label="What would you like to do?"
        options={commands}
        onSelect={(command) => {
          onClose();
          // Once the dialog has given the focus back, so that the command may take it.
          setTimeout(() => command.run());
        }}
      />
    </Dialog>
  );
}
