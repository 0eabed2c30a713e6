import type { Metadata } from "next";

import { View } from "@/features/tasks/pages";

export const metadata: Metadata = { title: "View" };

export default async function ViewPage({ params }: PageProps<"/views/[id]">) {
  return <View id={(await params).id} />;
}
