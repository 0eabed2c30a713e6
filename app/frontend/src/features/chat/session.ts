import { ApiError } from "@/api";
import { answerTo, type ConnectionEvent } from "./answer";
import type { ChatEvent } from "./events";
import type { Sent } from "./stream";
import { applyEvent, type Turn } from "./turn";

export interface ChatState {
  /** None while a new conversation has not begun. */
  conversationId?: string | undefined;
  draft: string;
  turn?: Turn | undefined;
}

/** What the rest of the app does about what happens here. */
export interface ChatListener {
  /** A tool may have changed anything but conversations. */
  onToolUsed(): void;
  /** An answer is stored; resolves to whether it could be read again. */
  onAnswered(conversationId: string): Promise<boolean>;
  onSignedOut(): void;
}

const STORAGE_KEY = "todo-chat";

/** One chat: it goes on while its panel is closed, and after a cut, and knows where it was when the page is loaded again. */
export class ChatSession {
  #state: ChatState = { draft: "" };
  #listener: ChatListener | undefined;
  /** What was sent last, to be sent again. */
  #sent: Sent | undefined;
  /** Counts the turns that were shown, so that what still comes of a former one changes nothing. */
  #run = 0;
  readonly #subscribers = new Set<() => void>();

  readonly subscribe = (subscriber: () => void): (() => void) => {
    this.#subscribers.add(subscriber);
    return () => void this.#subscribers.delete(subscriber);
  };

  readonly get = (): ChatState => this.#state;

  /** Called once there is a page to tell. */
  connect(listener: ChatListener): void {
    if (!this.#listener) {
      this.#set(restore());
    }
    this.#listener = listener;
  }

  type(draft: string): void {
    this.#set({ draft });
  }

  /** Shows another conversation, or begins a new one. */
  open(conversationId: string | undefined): void {
    this.#run++;
    this.#set({ conversationId, turn: undefined });
  }

  /** Sends what was typed. */
  send(text: string): void {
    this.#set({ draft: "" });
    this.#say({ message: text }, text);
  }

  /** Answers the question whether to do what can't be undone. */
  confirm(callIds: readonly string[], isAllowed: boolean): void {
    this.#say({ confirm: Object.fromEntries(callIds.map((id) => [id, isAllowed])) });
  }

  /** Asks once more for an answer that failed, or sends again what was refused. */
  retry(messageId: string | undefined): void {
    const { turn } = this.#state;
    const sent = messageId === undefined ? this.#sent : { retry_of: messageId };
    if (sent) {
      this.#say(sent, turn?.question);
    }
  }

  /** Reads an answer that is under way. */
  follow(messageId: string): void {
    this.#begin({ messageId });
    void this.#read({ messageId });
  }

  #say(sent: Sent, question?: string): void {
    this.#sent = sent;
    this.#begin({ question });
    const time_zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    void this.#read({ ...sent, conversation_id: this.#state.conversationId, time_zone });
  }

  #begin(turn: Partial<Turn>): void {
    this.#run++;
    this.#set({ turn: { ...turn, parts: [], status: "running" } });
  }

  async #read(asked: Parameters<typeof answerTo>[0]): Promise<void> {
    const run = this.#run;
    try {
      for await (const event of answerTo(asked)) {
        if (run !== this.#run) {
          return;
        }
        this.#take(event);
      }
    } catch (error) {
      if (run === this.#run) {
        this.#fail(error);
      }
    }
  }

  #take(event: ChatEvent | ConnectionEvent): void {
    if (event.type === "start") {
      this.#set({ conversationId: event.conversation_id });
    } else if (event.type === "tool_result") {
      this.#listener?.onToolUsed();
    }
    const { turn } = this.#state;
    this.#set({ turn: turn && applyEvent(turn, event) });
    if (event.type === "done") {
      void this.#end();
    }
  }

  /** Hands over to what is stored. */
  async #end(): Promise<void> {
    const { conversationId, turn } = this.#state;
    const isRead = conversationId !== undefined && (await this.#listener?.onAnswered(conversationId));
    if (isRead && this.#state.turn === turn) {
      this.#set({ turn: undefined });
    }
  }

  #fail(error: unknown): void {
    if (error instanceof ApiError && error.status === 401) {
      this.#listener?.onSignedOut();
    }
    const message = error instanceof Error ? error.message : String(error);
    const { turn } = this.#state;
    this.#set({ turn: turn && { ...turn, status: "ended", failure: { message, isRetryable: true } } });
  }

  #set(changes: Partial<ChatState>): void {
    this.#state = { ...this.#state, ...changes };
    keep(this.#state);
    for (const subscriber of this.#subscribers) {
      subscriber();
    }
  }
}

export const chat = new ChatSession();

type Kept = Pick<ChatState, "conversationId" | "draft">;

function keep({ conversationId, draft }: Kept): void {
  if (conversationId || draft) {
    sessionStorage.setItem(STORAGE_KEY, JSON.stringify({ conversationId, draft }));
  } else {
    sessionStorage.removeItem(STORAGE_KEY);
  }
}

function restore(): Kept {
  const kept = sessionStorage.getItem(STORAGE_KEY);
  return kept ? (JSON.parse(kept) as Kept) : { draft: "" };
}
