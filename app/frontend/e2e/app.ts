import { test as base, expect, type Page } from "@playwright/test";

export const PASSWORD = "quiet-lantern-over-water";

export function newEmail(): string {
  return `e2e-${Date.now()}-${Math.random().toString(36).slice(2, 8)}@example.com`;
}

/** What a person does in the app. */
export class App {
  constructor(readonly page: Page) {}

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
      await this.page.getByRole("button", { name: "Sign out" }).click();
    } else {
      await this.page.getByRole("button", { name: /^Account/ }).click();
      await this.page.getByRole("menuitem", { name: "Sign out" }).click();
    }
    await expect(this.page.getByRole("heading", { name: "Welcome back" })).toBeVisible();
  }

  /** Adds a task and waits until it is stored. */
  async add(title: string): Promise<void> {
    await this.page.getByLabel("New task").fill(title);
    await this.page.keyboard.press("Enter");
    await expect(this.task(title)).toBeEnabled();
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

  /** The check box of a task. */
  task(title: string) {
    return this.page.getByRole("checkbox", { name: title, exact: true });
  }

  private async fillCredentials(email: string, password: string): Promise<void> {
    await this.page.getByLabel("E-mail").fill(email);
    await this.page.getByLabel("Password").fill(password);
  }
}

/** The chat, beside the page or over it. */
export class Chat {
  constructor(readonly page: Page) {}

  /** Writes a message and sends it. */
  async say(message: string): Promise<void> {
    await this.field.fill(message);
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

/** Fails a test also for what the browser complains of: a script error, or a source that the policy forbids. */
export const test = base.extend<{ app: App; complaints: string[] }>({
  app: async ({ page, complaints: _ }, use) => use(new App(page)),
  complaints: async ({ page }, use) => {
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("console", (message) => {
      // The browser reports each refused request itself; tests that provoke one look at the page.
      if (["error", "warning"].includes(message.type()) && !message.text().startsWith("Failed to load resource")) {
        complaints.push(message.text());
      }
    });
    await use(complaints);
    expect(complaints).toEqual([]);
  },
});

export { expect };
