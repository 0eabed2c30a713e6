import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { alias: { "@": fileURLToPath(new URL("src", import.meta.url)) } },
  test: { maxWorkers: 1, testTimeout: 60_000, restoreMocks: true, unstubEnvs: true },
});
