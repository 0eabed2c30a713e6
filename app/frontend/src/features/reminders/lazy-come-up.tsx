"use client";

import dynamic from "next/dynamic";
import { useEffect, useState } from "react";

const ComeUp = dynamic(() => import("./come-up"), { ssr: false });

/** After the page itself, which matters more. */
const WAIT_MS = 2_000;

export function LazyComeUp() {
  const [isDue, setDue] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setDue(true), WAIT_MS);
    return () => clearTimeout(timer);
  }, []);
  return isDue && <ComeUp />;
}
