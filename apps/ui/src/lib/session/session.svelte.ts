import { TERMINAL_SESSION_STATUSES, type LiveEvent, type LiveEventOf, type SessionDetail } from '@tarsy/contracts';
import {
  askQuestion,
  cancelExecution,
  cancelSession,
  guideSession,
  readSession,
  readTimeline,
  resumeSession,
  sessionStreamUrl,
} from '#lib/api/api';
import { ApiError, reasonOf } from '#lib/api/api-error';
import { ChatBell } from '#lib/chat/chat-bell';
import { Backoff } from '#lib/live/backoff';
import { SessionStream } from '#lib/live/session-stream';
import { Timeline, type TimelineItem } from '#lib/live/timeline';
import { isStageOpen, NOTHING_LIVE, type LiveStatuses } from './chain';

const RELOAD_DELAY_MS = 250;
/** A session that waits, or that is being cancelled, is announced by no event. */
const RELOAD_EVERY_MS = 5_000;
/** A browser opens six connections to one server: a tab that nobody sees leaves its own to the others. */
const HIDDEN_FOR_MS = 10_000;

/** One session as it happens: the stored view over REST, what follows over server-sent events. */
export class SessionState {
  #detail = $state.raw<SessionDetail>();
  #items = $state.raw<readonly TimelineItem[]>([]);
  #live = $state.raw<LiveStatuses>(NOTHING_LIVE);
  #failure = $state.raw<{ reason: string; isFinal: boolean }>();
  /** Stages that answer questions. */
  #chatStages = $state.raw<readonly string[]>([]);
  #connection = $state<'connecting' | 'open' | 'lost' | 'ended'>('connecting');
  readonly #timeline = new Timeline();
  readonly #stream: SessionStream;
  readonly #backoff = new Backoff();
  readonly #regular = setInterval(() => this.#tick(), RELOAD_EVERY_MS);
  #bell: ChatBell | undefined;
  /** The log tells of the investigation itself, not of questions alone. */
  #isLogWhole = false;
  #isStoredRead = false;
  /** How many questions there were when the stream was last opened again for them. */
  #questionsFollowed = 0;
  #reload: ReturnType<typeof setTimeout> | undefined;
  #hidden: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  constructor(readonly id: string) {
    this.#stream = new SessionStream(sessionStreamUrl(id), {
      onEvents: (events) => this.#take(events),
      onConnection: (isOpen) => this.#connected(isOpen),
      onEnd: () => void this.#finish(),
      onMissing: () => void this.load(),
    });
    document.addEventListener('visibilitychange', this.#followVisibility);
    this.#followVisibility();
    void this.load();
  }

  /** Undefined until it was read. */
  get detail(): SessionDetail | undefined {
    return this.#detail;
  }
  get items(): readonly TimelineItem[] {
    return this.#items;
  }
  get live(): LiveStatuses {
    return this.#live;
  }
  /** Why the session could not be read; `isFinal` where trying again can not help. */
  get failure(): { reason: string; isFinal: boolean } | undefined {
    return this.#failure;
  }
  get connection(): 'connecting' | 'open' | 'lost' | 'ended' {
    return this.#connection;
  }
  /** It has not ended yet. */
  get isRunning(): boolean {
    return this.#detail !== undefined && !TERMINAL_SESSION_STATUSES.includes(this.#detail.status);
  }

  /** Ids of the stages that answer questions about it. */
  get chatStages(): readonly string[] {
    return this.#chatStages;
  }
  /** An answer to a question is to come, or being written. */
  get isAnswering(): boolean {
    const stages = this.#detail?.stages ?? [];
    return this.#chatStages.some((id) => isStageOpen(id, stages, this.#live));
  }

  /** @throws {ApiError} it can not be cancelled */
  async cancel(): Promise<void> {
    await cancelSession(this.id);
    await this.load();
  }

  /** @throws {ApiError} it is not paused */
  async resume(): Promise<void> {
    await resumeSession(this.id);
    await this.load();
  }

  /**
   * Ends one paused agent.
   * @throws {ApiError} it is not paused any more
   */
  async giveUp(executionId: string): Promise<void> {
    await cancelExecution(this.id, executionId);
    await this.load();
  }

  /**
   * Tells running agents something.
   * @param executionId Whom; undefined is every running agent that no other agent dispatched.
   * @throws {ApiError} nobody runs who could read it
   */
  async guide(content: string, executionId: string | undefined): Promise<void> {
    await guideSession(this.id, { content, ...(executionId === undefined ? {} : { execution_id: executionId }) });
  }

  /**
   * Asks about the session once it has ended.
   * @throws {ApiError} another answer is being written, or nobody answers
   */
  async ask(content: string): Promise<void> {
    try {
      await askQuestion(this.id, { content });
    } finally {
      await this.load();
    }
  }

  async load(): Promise<void> {
    clearTimeout(this.#reload);
    this.#reload = undefined;
    try {
      this.#detail = await readSession(this.id);
      this.#failure = undefined;
      this.#backoff.reset();
      this.#addChatStages(this.#detail.stages.filter(({ stage_type }) => stage_type === 'chat').map(({ id }) => id));
      this.#followQuestions(this.#detail.chat_message_count);
    } catch (error) {
      const isFinal = error instanceof ApiError && !error.isTemporary;
      this.#failure = { reason: reasonOf(error), isFinal };
      if (!isFinal && !this.#isClosed) this.#loadSoon(this.#backoff.next());
    }
  }

  /** Tries again what failed. */
  retry(): void {
    if (this.#connection === 'ended') void this.#finish();
    else void this.load();
  }

  close(): void {
    this.#isClosed = true;
    this.#bell?.close();
    clearInterval(this.#regular);
    clearTimeout(this.#reload);
    clearTimeout(this.#hidden);
    document.removeEventListener('visibilitychange', this.#followVisibility);
    this.#stream.stop();
  }

  readonly #followVisibility = (): void => {
    clearTimeout(this.#hidden);
    if (document.visibilityState === 'visible') {
      this.#stream.start();
      if (this.#connection === 'ended') this.#loadSoon(0);
    } else this.#hidden = setTimeout(() => this.#stream.stop(), HIDDEN_FOR_MS);
  };

  #connected(isOpen: boolean): void {
    const isBack = isOpen && this.#connection === 'lost';
    this.#connection = isOpen ? 'open' : 'lost';
    if (isBack) this.#loadSoon(0);
  }

  #take(events: readonly LiveEvent[]): void {
    let isChanged = false;
    for (const event of events) isChanged = this.#apply(event) || isChanged;
    if (isChanged) this.#items = this.#timeline.items;
  }

  /** @returns whether the timeline changed */
  #apply(event: LiveEvent): boolean {
    switch (event.type) {
      case 'session.status':
        if (this.#detail && this.#detail.status !== event.status)
          this.#detail = { ...this.#detail, status: event.status };
        this.#loadSoon();
        return false;
      case 'stage.status':
        this.#learn(event);
        this.#live = { ...this.#live, stages: { ...this.#live.stages, [event.stage_id]: event.status } };
        this.#loadSoon();
        return false;
      case 'execution.status':
        this.#live = {
          ...this.#live,
          executions: { ...this.#live.executions, [event.execution_id]: event.status },
        };
        this.#loadSoon();
        return false;
      case 'session.progress':
        return false;
      case 'interaction.created':
        this.#loadSoon(1_000);
        return false;
      default:
        return this.#timeline.apply(event);
    }
  }

  #learn({ stage_type, stage_id }: LiveEventOf<'stage.status'>): void {
    if (stage_type !== 'chat') this.#isLogWhole = true;
    else {
      this.#addChatStages([stage_id]);
      void this.#readStored();
    }
  }

  #addChatStages(ids: readonly string[]): void {
    const added = ids.filter((id) => !this.#chatStages.includes(id));
    if (added.length > 0) this.#chatStages = [...this.#chatStages, ...added];
  }

  async #finish(): Promise<void> {
    this.#connection = 'ended';
    const reason = await this.#readStored();
    await this.load();
    if (reason !== undefined) this.#failure = { reason, isFinal: false };
    this.#bell ??= this.#isClosed ? undefined : new ChatBell(this.id, () => this.#loadSoon(0));
  }

  /**
   * The log of a session that ended long ago is gone: its timeline is in the database.
   * @returns why that could not be read
   */
  async #readStored(): Promise<string | undefined> {
    if (this.#isLogWhole || this.#isStoredRead) return undefined;
    this.#isStoredRead = true;
    try {
      this.#timeline.addStored(await readTimeline(this.id));
      this.#items = this.#timeline.items;
      return undefined;
    } catch (error) {
      this.#isStoredRead = false;
      return reasonOf(error);
    }
  }

  /** Somebody has asked since all had been told: the stream goes on, with the answer. */
  #followQuestions(count: number): void {
    const isFollowed = this.#isClosed || this.#connection !== 'ended' || count <= this.#questionsFollowed;
    if (isFollowed || document.visibilityState !== 'visible') return;
    const told = this.#timeline.items.filter(({ type }) => type === 'user_question').length;
    if (count <= told) return;
    this.#questionsFollowed = count;
    this.#stream.reopen();
  }

  #tick(): void {
    if ((this.isRunning || this.isAnswering) && document.visibilityState === 'visible') void this.load();
  }

  #loadSoon(delayMs = RELOAD_DELAY_MS): void {
    this.#reload ??= setTimeout(() => void this.load(), delayMs);
  }
}
