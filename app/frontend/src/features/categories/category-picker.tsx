"use client";

import { CircleSlash } from "lucide-react";
import { useState } from "react";

import type { CategoryRead } from "@/api";
import { Button } from "@/components/ui/button";
import { Combobox } from "@/components/ui/combobox";
import { CategoryForm } from "./category-form";
import { CategoryIcon } from "./category-icon";
import { useCategories } from "./use-categories";

const NO_CATEGORY = "";

interface CategoryPickerProps {
  selected: string | null;
  onSelect: (category: CategoryRead | null) => void;
}

/** Takes a category, makes one, or changes those that there are. */
export default function CategoryPicker({ selected, onSelect }: CategoryPickerProps) {
  const categories = useCategories();
  const [form, setForm] = useState<{ category?: CategoryRead; name?: string } | undefined>();
  if (form) {
    return (
      <CategoryForm
        {...form}
        onDone={(category) => {
          setForm(undefined);
          if (category && !form.category) {
            onSelect(category);
          }
        }}
      />
    );
  }
  const current = categories.find(({ id }) => id === selected);
  return (
    <div className="grid gap-2">
      <Combobox
        label="Category"
        options={[
          { value: NO_CATEGORY, label: "No category", icon: <CircleSlash aria-hidden /> },
          ...categories.map((category) => ({
            value: category.id,
            label: category.name,
            icon: <CategoryIcon {...category} />,
          })),
        ]}
        selected={[selected ?? NO_CATEGORY]}
        onToggle={(id) => onSelect(categories.find((category) => category.id === id) ?? null)}
        onCreate={(name) => setForm({ name })}
        maxLength={100}
      />
      <div className="flex gap-1 border-t pt-2">
        <Button variant="ghost" size="small" onClick={() => setForm({})}>
          New
        </Button>
        {current && (
          <Button variant="ghost" size="small" onClick={() => setForm({ category: current })}>
            Edit {current.name}
          </Button>
        )}
      </div>
    </div>
  );
}
