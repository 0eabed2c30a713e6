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
  /** A conversation has new messages; resolves once they are read. */
  onMessages(conversationId: string): Promise<void>;
  onSignedOut(): void;
}

const STORAGE_KEY = "todo-chat";

/** One chat: it goes on while its panel is closed, after a cut, and after the page was loaded again. */
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

  /** Called once there is a page to tell; picks up an answer that was under way when the page was left. */
  connect(listener: ChatListener): void {
    const isFirst = this.#listener === undefined;
    this.#listener = listener;
    if (isFirst) {
      const { turn, ...kept } = restore();
      this.#set(kept);
      if (turn) {
        this.#begin(undefined);
        void this.#follow({ messageId: turn });
      }
    }
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
  confirm(callId: string, isAllowed: boolean): void {
    this.#say({ confirm: { [callId]: isAllowed } });
  }

  /** Has the last message answered once more. */
  retry(): void {
    const { turn } = this.#state;
    const sent = turn?.messageId ? { retry_of: turn.messageId } : this.#sent;
    if (sent) {
      this.#say(sent, turn?.question);
    }
  }

  #say(sent: Sent, question?: string): void {
    this.#sent = sent;
    this.#begin(question);
    const time_zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    void this.#follow({ ...sent, conversation_id: this.#state.conversationId, time_zone });
  }

  #begin(question: string | undefined): void {
    this.#run++;
    this.#set({ turn: { question, parts: [], status: "running" } });
  }

  async #follow(asked: Parameters<typeof answerTo>[0]): Promise<void> {
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

  async #end(): Promise<void> {
    const { conversationId, turn } = this.#state;
    if (!conversationId) {
      return;
    }
    await this.#listener?.onMessages(conversationId);
    // What waits for a word or another try stays: the stored messages don't tell it.
    if (turn && this.#state.turn === turn && !(turn.confirmation || turn.failure)) {
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

interface Kept {
  conversationId?: string;
  draft: string;
  /** The message whose answer is under way. */
  turn?: string;
}

function keep({ conversationId, draft, turn }: ChatState): void {
  const kept = { conversationId, draft, turn: turn?.status === "ended" ? undefined : turn?.messageId };
  if (Object.values(kept).some(Boolean)) {
    sessionStorage.setItem(STORAGE_KEY, JSON.stringify(kept));
  } else {
    sessionStorage.removeItem(STORAGE_KEY);
  }
}

function restore(): Kept {
  const kept = sessionStorage.getItem(STORAGE_KEY);
  return kept ? (JSON.parse(kept) as Kept) : { draft: "" };
}
