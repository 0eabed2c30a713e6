import { test as base, type Cookie, expect, type FileChooser, type Locator, type Page } from "@playwright/test";

import { leavePointer } from "./keyboard";

/** For a story of a keyboard, or of what is the same at every size: told on a desktop only. */
export const ONCE = { tag: "@once" };

/** For a story of what has another way for the keyboard. */
export const POINTER = { tag: "@pointer" };

export const PASSWORD = "quiet-lantern-over-water";

export function newEmail(): string {
  return `e2e-${Date.now()}-${Math.random().toString(36).slice(2, 8)}@example.com`;
}

/** A task as the API takes it. */
export type NewTask = { title: string } & Record<string, unknown>;

/** An account for the tests of one worker, one after the other: signing up takes long, and is limited. */
interface Account {
  cookies: Cookie[];
}

/** What a person does in the app. */
export class App {
  private hasEntered: boolean = false;

  constructor(
    readonly page: Page,
    private readonly account: Account = { cookies: [] },
    private readonly isByKeyboard: boolean = false,
  ) {}

  /** Enters with an account that holds nothing but these tasks, the last one newest. */
  async enter(tasks: readonly NewTask[] = [], path = "/"): Promise<void> {
    this.hasEntered = true;
    await this.page.context().addCookies(this.account.cookies);
    // A page of this origin, from which the API can be asked.
    await this.page.goto("/api/health");
    if (this.account.cookies.length === 0) {
      const credentials = { email: newEmail(), password: PASSWORD };
      await this.api("POST", "/auth/signup", credentials);
      await this.api("POST", "/auth/login", credentials);
    }
    await this.page.evaluate(prepare, tasks);
    await this.page.goto(path);
  }

  /** Asks the API as the page does: only a browser is sure to find a name under .localhost. */
  async api<T = unknown>(method: string, path: string, body?: object): Promise<T> {
    const answer = await this.page.evaluate(
      async ([verb, address, content]) => {
        const headers = { "content-type": "application/json" };
        const response = await fetch(`/bff${address}`, { method: verb, headers, body: content ?? null });
        return { status: response.status, text: await response.text() };
      },
      [method, path, body && JSON.stringify(body)] as const,
    );
    expect(answer.status, `${method} ${path}: ${answer.text}`).toBeLessThan(300);
    return (answer.text ? JSON.parse(answer.text) : undefined) as T;
  }

  /** Adds many tasks at once. */
  async import(tasks: readonly NewTask[]): Promise<void> {
    const status = await this.page.evaluate(async (text) => {
      const body = new FormData();
      body.set("file", new Blob([text]), "tasks.json");
      return (await fetch("/bff/import?format=json", { method: "POST", body })).status;
    }, JSON.stringify({ tasks }));
    expect(status).toBe(200);
  }

  /** Keeps the session for the next test, as it may have been renewed. */
  async leave(): Promise<void> {
    if (this.hasEntered) {
      this.account.cookies = await this.page.context().cookies();
    }
  }

  /** Loads the page again, once all that was done on it is stored: before, the browser would ask. */
  async reload(): Promise<void> {
    await expect
      .poll(() => this.page.evaluate(() => window.dispatchEvent(new Event("beforeunload", { cancelable: true }))))
      .toBe(true);
    await this.page.reload();
  }

  async signUp(email = newEmail()): Promise<string> {
    await this.page.goto("/sign-up");
    await this.fillCredentials(email, PASSWORD);
    await this.page.getByRole("button", { name: "Create account" }).click();
    await expect(this.heading).toBeVisible();
    return email;
  }

  async signIn(email: string, password = PASSWORD): Promise<void> {
    await this.page.goto("/sign-in");
    await this.fillCredentials(email, password);
    await this.page.getByRole("button", { name: "Sign in" }).click();
  }

  async signOut(): Promise<void> {
    if (this.isPhone) {
      await this.page.getByRole("button", { name: "More" }).click();
      await this.page.getByRole("button", { name: "Sign out", exact: true }).click();
    } else {
      await this.page.getByRole("button", { name: /^Account/ }).click();
      await this.page.getByRole("menuitem", { name: "Sign out", exact: true }).click();
    }
    await expect(this.page.getByRole("heading", { name: "Welcome back" })).toBeVisible();
  }

  /** Adds a task and waits until it is stored. */
  async add(title: string): Promise<void> {
    await this.page.getByLabel("New task").fill(title);
    await this.page.keyboard.press("Enter");
    await expect(this.task(title)).toBeEnabled();
  }

  /** Picks a file where a control asks for one. */
  async pick(control: Locator, file: Parameters<FileChooser["setFiles"]>[0]): Promise<void> {
    const [chooser] = await Promise.all([this.page.waitForEvent("filechooser"), control.click()]);
    await chooser.setFiles(file);
  }

  async show(filter: "All" | "Active" | "Completed"): Promise<void> {
    await this.page.getByRole("button", { name: filter, exact: true }).click();
  }

  async openChat(): Promise<Chat> {
    await this.page.getByRole("button", { name: "Chat", exact: true }).click();
    const chat = new Chat(this.page);
    await expect(chat.field).toBeFocused();
    return chat;
  }

  get isPhone(): boolean {
    return (this.page.viewportSize()?.width ?? 0) < 1024;
  }

  get heading() {
    return this.page.getByRole("heading", { name: "Tasks", exact: true });
  }

  /** What a task offers: its row, or all of it. */
  async open(title: string): Promise<void> {
    await this.page.getByRole("button", { name: `Details of ${title}` }).click();
    await expect(this.panel.getByLabel("Title")).toHaveValue(title);
  }

  /** The task that is looked at. */
  get panel() {
    return this.page.getByRole("dialog").and(this.page.locator("dialog"));
  }

  /** The titles in the list, from the top. */
  async titles(): Promise<string[]> {
    return this.page
      .getByRole("list", { name: "Tasks", exact: true })
      .getByRole("button", { name: /^Rename / })
      .evaluateAll((buttons) => buttons.map((button) => button.textContent ?? ""));
  }

  /** Says yes to what a message offers. */
  async undo(message: string): Promise<void> {
    const notice = this.page.getByRole("region", { name: "Notifications" });
    await expect(notice.getByText(message)).toBeVisible();
    if (this.isByKeyboard) {
      // The message goes before anyone has reached it by Tab.
      await this.page.keyboard.press("z");
    } else {
      await notice.getByRole("button", { name: "Undo" }).last().click();
    }
  }

  /** The check box of a task. */
  task(title: string) {
    return this.page.getByRole("checkbox", { name: title, exact: true });
  }

  private async fillCredentials(email: string, password: string): Promise<void> {
    await expect(this.page.locator("[type=submit]")).toBeEnabled();
    await this.page.getByLabel("E-mail").fill(email);
    await this.page.getByLabel("Password").fill(password);
  }
}

/** In the browser: takes away all that the account has, and gives it these tasks. */
async function prepare(tasks: readonly NewTask[]): Promise<void> {
  const ask = async (method: string, path: string, body?: object) => {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(`/bff${path}`, { method, headers, body: body ? JSON.stringify(body) : null });
    if (!answer.ok) {
      throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    }
    return answer;
  };
  const ids = async (path: string): Promise<string[]> => {
    const { items } = (await (await ask("GET", path)).json()) as { items: { id: string }[] };
    return items.map(({ id }) => id);
  };
  const kinds = ["/categories", "/tags", "/filters", "/conversations"];
  const found = await Promise.all(kinds.map(async (kind) => (await ids(kind)).map((id) => `${kind}/${id}`)));
  await Promise.all(found.flat().map((path) => ask("DELETE", path)));
  for (let left = await ids("/tasks?limit=100"); left.length > 0; left = await ids("/tasks?limit=100")) {
    await ask("POST", "/tasks/bulk", { ids: left, action: "delete" });
  }
  for (const task of tasks) {
    await ask("POST", "/tasks", task);
  }
}

/** The chat, beside the page or over it. */
export class Chat {
  constructor(readonly page: Page) {}

  /** Writes a message and sends it. */
  async say(message: string): Promise<void> {
    await this.field.fill(message);
    // The answer before is complete.
    await expect(this.panel.getByRole("button", { name: "Send" })).toBeEnabled();
    await this.page.keyboard.press("Enter");
  }

  async close(): Promise<void> {
    await this.panel.getByRole("button", { name: "Close the chat" }).click();
  }

  get panel() {
    return this.page.getByLabel("Chat", { exact: true }).and(this.page.locator("aside, dialog"));
  }

  get log() {
    return this.panel.getByRole("log");
  }

  get field() {
    return this.panel.getByLabel("Message", { exact: true });
  }
}

// The browser reports each refused request itself, and that it can't isolate a page that came by plain http from a name that is
// not this machine's; tests that provoke a refusal look at the page.
const EXPECTED = /^Failed to load resource|^The Cross-Origin-Opener-Policy header has been ignored/;

/** Fails a test also for what the browser complains of: a script error, or a source that the policy forbids. */
export const test = base.extend<{ app: App; complaints: string[] }, { account: Account }>({
  account: [
    // biome-ignore lint/correctness/noEmptyPattern: the runner wants it so
    async ({}, use) => use({ cookies: [] }),
    { scope: "worker" },
  ],
  app: async ({ page, account, complaints: _ }, use, { project }) => {
    const isByKeyboard = project.name === "keyboard";
    if (isByKeyboard) {
      leavePointer(page);
    }
    const app = new App(page, account, isByKeyboard);
    await use(app);
    await app.leave();
  },
  complaints: async ({ page }, use) => {
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type()) && !EXPECTED.test(message.text())) {
        complaints.push(message.text());
      }
    });
    await use(complaints);
    expect(complaints).toEqual([]);
  },
});

export { expect };
