import type { Metadata } from "next";

import { Today } from "@/features/tasks/pages";

export const metadata: Metadata = { title: "Today" };

export default function TodayPage() {
  return <Today />;
}
