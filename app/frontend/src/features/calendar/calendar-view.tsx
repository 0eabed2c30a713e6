"use client";

import dynamic from "next/dynamic";

import { Page } from "@/components/page";
import { Skeleton } from "@/components/ui/skeleton";

/** Which day it is, and on which weeks begin, only the browser knows. */
export const CalendarView = dynamic(() => import("./open-calendar"), {
  ssr: false,
  loading: () => (
    <Page title="Calendar" isWide>
      <Skeleton className="h-96" />
    </Page>
  ),
});
