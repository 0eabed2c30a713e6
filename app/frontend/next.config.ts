import type { NextConfig } from "next";

const SECURITY_HEADERS = [
  { key: "X-Content-Type-Options", value: "nosniff" },
  { key: "X-Frame-Options", value: "DENY" },
  { key: "Referrer-Policy", value: "same-origin" },
  { key: "Cross-Origin-Opener-Policy", value: "same-origin" },
  { key: "Cross-Origin-Resource-Policy", value: "same-origin" },
  { key: "Permissions-Policy", value: "camera=(), geolocation=(), microphone=(), payment=(), usb=()" },
];

// Of no use at run time: the image optimizer's parts and the build's font tables.
const NOT_TRACED = [
  "node_modules/@img/**",
  "node_modules/sharp/**",
  "node_modules/semver/**",
  "node_modules/detect-libc/**",
  "node_modules/next/dist/server/capsize-font-metrics.json",
];

// What our own server needs beside Next.
const TRACED = ["sirv", "totalist", "mrmime", "@polka/url"].map((name) => `node_modules/${name}/**`);

const config: NextConfig = {
  output: "standalone",
  outputFileTracingRoot: import.meta.dirname,
  outputFileTracingIncludes: { "/**": TRACED },
  outputFileTracingExcludes: { "/**": NOT_TRACED, "next-server": NOT_TRACED },
  turbopack: { root: import.meta.dirname },
  poweredByHeader: false,
  reactStrictMode: true,
  typedRoutes: true,
  // `npm run typecheck` does it, once.
  typescript: { ignoreBuildErrors: true },
  agentRules: false,
  images: { unoptimized: true },
  // The root file system is read-only where this runs, and in development the cache would not outlive its pod.
  experimental: { isrFlushToDisk: false, turbopackFileSystemCacheForDev: false },
  headers: async () => [{ source: "/:path*", headers: SECURITY_HEADERS }],
};

export default config;
