import { messageOf } from '@tarsy/core';
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { CliError } from '../cli.errors.js';

interface Call {
  readonly id: number;
  readonly name: string;
  readonly argument: unknown;
}

interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: string;
}

/** A load generator: a process of its own, so that what it costs is neither the system's nor hidden. */
export class Program {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, PromiseWithResolvers<unknown>>();
  #calls = 0;

  /** @param name File in `programs`, without its ending. */
  constructor(readonly name: string) {
    const file = fileURLToPath(new URL(`./programs/${name}.program.js`, import.meta.url));
    this.#child = fork(file, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], execArgv: [] });
    this.#child.on('message', (answer: Answer) => this.#settle(answer));
    this.#child.on('exit', () => {
      for (const { reject } of this.#waiting.values()) reject(new CliError(`the load generator ${name} ended`));
    });
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** @throws {CliError} what the program says, or that it ended */
  async call<Result>(name: string, argument?: unknown): Promise<Result> {
    const id = ++this.#calls;
    const waiting = Promise.withResolvers<unknown>();
    this.#waiting.set(id, waiting);
    this.#child.send({ id, name, argument } satisfies Call);
    return (await waiting.promise) as Result;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const exited = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await exited;
  }

  #settle({ id, result, error }: Answer): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (error === undefined) waiting?.resolve(result);
    else waiting?.reject(new CliError(`${this.name}: ${error}`));
  }
}

/** In the generator's process: answers the calls of {@link Program} by name, until the parent is gone. */
export function answerCalls(handlers: Readonly<Record<string, (argument: never) => unknown>>): void {
  process.on('disconnect', () => process.exit());
  process.on('message', ({ id, name, argument }: Call) => {
    void Promise.resolve()
      .then(() => handlers[name]!(argument as never))
      .then(
        (result): Answer => ({ id, result }),
        (error: unknown): Answer => ({ id, error: messageOf(error) }),
      )
      .then((answer) => process.send?.(answer));
  });
}
