"use client";

import { Dialog, DialogBody } from "@/components/ui/dialog";
import { Kbd } from "@/components/ui/kbd";
import { GROUPS, useAvailableCommands } from "./registry";

/** Every shortcut that works at this moment. */
export default function ShortcutHelp({ onClose }: { onClose: () => void }) {
  const commands = useAvailableCommands().filter((command) => command.keys);
  const groups = GROUPS.filter((group) => commands.some((command) => command.group === group));
  return (
    <Dialog open title="Keyboard shortcuts" onClose={onClose}>
      <DialogBody className="grid gap-5">
        {groups.map((group) => (
          <section key={group}>
            <h3 className="pb-1 font-medium text-muted-foreground text-xs">{group}</h3>
            <dl className="divide-y">
              {commands
                .filter((command) => command.group === group)
                .map(({ id, label, keys }) => (
                  <div key={id} className="flex items-center justify-between gap-4 py-2 text-sm">
                    <dt>{label}</dt>
                    <dd>{keys && <Kbd keys={keys} className="text-muted-foreground" />}</dd>
                  </div>
                ))}
            </dl>
          </section>
        ))}
      </DialogBody>
    </Dialog>
  );
}
