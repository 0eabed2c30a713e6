"use client";

import { useQuery } from "@tanstack/react-query";
import { ListFilter } from "lucide-react";
import type { Route } from "next";

import { listFilters } from "@/api";
import { NavLink } from "./nav-link";

/** The filters that the user has kept, each with a page of its own. */
export function SavedViews({ onNavigate }: { onNavigate?: () => void }) {
  const { data } = useQuery({
    queryKey: ["filters"],
    queryFn: ({ signal }) => listFilters({ signal }),
    staleTime: 60_000,
  });
  return (
    data &&
    data.items.length > 0 && (
      <>
        <h2 className="px-2.5 pt-6 pb-1.5 font-medium text-muted-foreground text-xs">Saved views</h2>
        <ul className="grid grid-cols-1 gap-0.5">
          {data.items.map(({ id, name }) => (
            <li key={id}>
              <NavLink
                item={{ href: `/views/${id}` as Route, label: name, icon: ListFilter }}
                {...(onNavigate && { onNavigate })}
              />
            </li>
          ))}
        </ul>
      </>
    )
  );
}
