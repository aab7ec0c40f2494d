/** Asks the worker; a question that a newer one of its kind has overtaken is never answered. */
import type { Answer, Ask, Decoded, Reading } from './decoder-protocol.ts';

export class DecoderClient {
  readonly #worker: Worker;
  readonly #waiting = new Map<
    number,
    { done: (answer: Answer) => void; fail: (error: Error) => void }
  >();
  #last = 0;
  onProgress: (part: number) => void = () => {};

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.onmessage = ({ data }: MessageEvent<Answer>) => {
      if (data.progress !== undefined) return this.onProgress(data.progress);
      const waiting = this.#waiting.get(data.id);
      this.#waiting.delete(data.id);
      if (data.error === undefined) waiting?.done(data);
      else waiting?.fail(new Error(data.error));
    };
  }

  async read(input: string | Uint8Array, protocol?: string): Promise<Reading> {
    const { read } = await this.#ask({ ask: 'read', input, ...(protocol && { protocol }) });
    return read!;
  }

  async decode(hex: string, protocol: string): Promise<Decoded> {
    return (await this.#ask({ ask: 'decode', hex, protocol })).decoded!;
  }

  async encode(frame: unknown, protocol: string): Promise<string> {
    // What a page holds reactively cannot be sent to a worker.
    const plain: unknown = JSON.parse(JSON.stringify(frame));
    return (await this.#ask({ ask: 'encode', frame: plain, protocol })).hex!;
  }

  close(): void {
    this.#worker.terminate();
  }

  #ask(ask: Ask): Promise<Answer> {
    const id = ++this.#last;
    return new Promise((done, fail) => {
      this.#waiting.set(id, { done, fail });
      this.#worker.postMessage({ ...ask, id });
    });
  }
}
