import { expect, test } from "./app";

// With no provider's key the assistant follows fixed rules, so that what it does is known.

test("the assistant adds a task that the list then shows, and deletes it only after a yes", async ({ app, page }) => {
  await app.enter();
  const chat = await app.openChat();
  await chat.say("Add water the plants tomorrow");
  await expect(chat.log.getByText("Add task: Water the plants")).toBeVisible();
  await chat.close();
  await expect(app.task("Water the plants")).toBeVisible();

  await app.openChat();
  await chat.say("Delete water the plants");
  const question = chat.panel.getByRole("region", { name: /Delete task “Water the plants”/ });
  await question.getByRole("button", { name: "No" }).click();
  await expect(question).toBeHidden();
  await expect(chat.field).toBeFocused();

  await chat.say("Delete water the plants");
  // The question is still there for whoever comes back to it.
  await expect(question).toBeVisible();
  await page.reload();
  await app.openChat();
  await question.getByRole("button", { name: "Yes, do it" }).click();
  await expect(chat.log.getByText("Delete task: Water the plants")).toBeVisible();
  await chat.close();
  await expect(page.getByText("A fresh start")).toBeVisible();
});

test("conversations are kept, renamed, gone on with and deleted", async ({ app, page }) => {
  await app.enter();
  const chat = await app.openChat();
  await chat.say("Add call home");
  await expect(chat.log.getByText("Add task: Call home")).toBeVisible();
  await chat.panel.getByRole("button", { name: "New conversation" }).click();
  await expect(chat.panel.getByText("What can I do for you?")).toBeVisible();

  await chat.panel.getByRole("button", { name: "Conversations" }).click();
  await chat.panel.getByRole("button", { name: /^More for/ }).click();
  await page.getByRole("menuitem", { name: "Rename" }).click();
  await page.getByLabel("Title").fill("About home");
  await page.keyboard.press("Enter");
  await chat.panel.getByRole("button", { name: /^About home/ }).click();
  await expect(chat.log.getByText("Add task: Call home")).toBeVisible();

  await chat.panel.getByRole("button", { name: "Conversations" }).click();
  await chat.panel.getByRole("button", { name: "More for About home" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await page.getByRole("dialog", { name: "Delete the conversation?" }).getByRole("button", { name: "Delete" }).click();
  await expect(chat.panel.getByText("No conversations yet")).toBeVisible();
});

test("what is typed is kept, and without a network a message waits and is sent later", async ({
  app,
  page,
  context,
}) => {
  await app.enter();
  const chat = await app.openChat();
  await chat.field.fill("Half a thought");
  await chat.close();
  await page.reload();
  await app.openChat();
  await expect(chat.field).toHaveValue("Half a thought");

  await context.setOffline(true);
  await chat.say("Add buy candles");
  await expect(chat.panel.getByText("This goes on as soon as it is back")).toBeVisible();
  await chat.field.fill("Another thought");
  await context.setOffline(false);
  await expect(chat.log.getByText("Add task: Buy candles")).toHaveCount(1);
  await expect(chat.field).toHaveValue("Another thought");
});
