"use client";

import dynamic from "next/dynamic";

import { Page } from "@/components/page";
import { Card } from "@/components/ui/card";
import { TasksLoading } from "./tasks-loading";

function loading(title: string) {
  return () => (
    <Page title={title}>
      <Card>
        <TasksLoading />
      </Card>
    </Page>
  );
}

// Which day it is only the browser knows.
export const Today = dynamic(() => import("./today"), { ssr: false, loading: loading("Today") });
export const Upcoming = dynamic(() => import("./upcoming"), { ssr: false, loading: loading("Upcoming") });
export const View = dynamic(() => import("@/features/filters/view"), { ssr: false, loading: loading("View") });
