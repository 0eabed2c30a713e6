"use client";

import dynamic from "next/dynamic";

import { Skeleton } from "@/components/ui/skeleton";

const loading = () => <Skeleton className="h-40" />;

// Below what is seen first.
export const Sessions = dynamic(() => import("./sessions"), { ssr: false, loading });
export const CalendarFeed = dynamic(() => import("./calendar-feed"), { ssr: false, loading });
export const Tags = dynamic(() => import("./tags"), { ssr: false, loading });
export const DataTransfer = dynamic(() => import("./data-transfer"), { ssr: false, loading });
