"use client";

import { useId, useState } from "react";

import { Switch } from "@/components/ui/switch";
import { hasSingleKeys, setSingleKeys } from "@/features/commands/keyboard";
import { THEMES, type Theme } from "@/features/theme/theme";
import { setTheme, useTheme } from "@/features/theme/use-theme";
import { useHydrated } from "@/lib/use-hydrated";
import { Section } from "./section";

const NAMES: Readonly<Record<Theme, string>> = { system: "Same as the system", light: "Light", dark: "Dark" };

/** How the app looks and listens in this browser. */
export function AppearanceSettings() {
  const theme = useTheme();
  const isReady = useHydrated();
  return (
    <Section title="Appearance and keyboard" description="Kept in this browser.">
      <fieldset className="flex flex-wrap gap-2">
        <legend className="sr-only">Theme</legend>
        {THEMES.map((value) => (
          <label
            key={value}
            className="flex cursor-pointer items-center gap-2.5 rounded-md border bg-card px-3 py-2 text-sm has-checked:border-primary has-focus-visible:outline-2 has-focus-visible:outline-ring"
          >
            <input
              type="radio"
              name="theme"
              value={value}
              checked={theme === value}
              disabled={!isReady}
              onChange={() => setTheme(value)}
              className="size-4 cursor-pointer accent-primary outline-none"
            />
            {NAMES[value]}
          </label>
        ))}
      </fieldset>
      {isReady && <SingleKeys />}
    </Section>
  );
}

function SingleKeys() {
  const id = useId();
  const [isOn, setOn] = useState(hasSingleKeys);
  return (
    <div className="flex items-center justify-between gap-4">
      <label htmlFor={id} className="cursor-pointer">
        <span className="font-medium text-sm">Shortcuts of single keys</span>
        <span className="block text-muted-foreground text-sm">
          Turn them off if you dictate, or touch keys by accident. Press ? to see them all.
        </span>
      </label>
      <Switch
        id={id}
        checked={isOn}
        onChange={(event) => {
          setOn(event.target.checked);
          setSingleKeys(event.target.checked);
        }}
      />
    </div>
  );
}
