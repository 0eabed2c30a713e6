// Writes openapi.json from the backend's source, with the Python that has its requirements (PYTHON).
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";

const script = "import json; from app.main import app; print(json.dumps(app.openapi(), indent=2, sort_keys=True))";
const document = execFileSync(process.env.PYTHON ?? "python3", ["-B", "-c", script], {
  cwd: "../backend",
  // The document depends on none of these, but the application doesn't load without them.
  env: {
    PATH: process.env.PATH,
    ENVIRONMENT: "development",
    JWT_SECRET: "unused",
    DATABASE_URL: "postgresql://unused/unused",
  },
});
writeFileSync("openapi.json", document);
