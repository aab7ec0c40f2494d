/**
 * The calls of a kubelet that a network test needs, in the Container Runtime Interface: gRPC on a
 * Unix socket. The field numbers are those of `k8s.io/cri-api/pkg/apis/runtime/v1/api.proto`.
 */
import { connect as connectHttp2, constants } from 'node:http2';
import { connect } from 'node:net';
import type { Finished } from '../harness/program.ts';
import { decodeMessage, encodeMessage, type Fields, type Message } from './protobuf.ts';

export interface Pod {
  readonly name: string;
  /** From a port of the host to one of the pod. */
  readonly port?: readonly [host: number, pod: number];
}

export interface Cri {
  /** The conditions that do not hold, with reason and message. */
  unmet(): Promise<string[]>;
  runPod(pod: Pod): Promise<string>;
  addressesOf(podId: string): Promise<string[]>;
  startContainer(podId: string, pod: Pod, image: string, command: string[]): Promise<string>;
  exec(containerId: string, command: string[]): Promise<Finished>;
  stopPod(podId: string): Promise<void>;
  removePod(podId: string): Promise<void>;
  close(): void;
}

const text = (fields: Fields, field: number): string => String(fields.get(field)?.[0] ?? '');
const messages = (fields: Fields, field: number): Fields[] =>
  (fields.get(field) ?? []).map((bytes) => decodeMessage(bytes as Buffer));

const podConfig = ({ name, port }: Pod): Message => ({
  1: { 1: name, 2: `uid-${name}`, 3: 'clients' },
  5: port === undefined ? [] : [{ 2: port[1], 3: port[0] }],
  8: { 2: {} },
});

export function connectCri(socket: string): Cri {
  const session = connectHttp2('http://localhost', { createConnection: () => connect(socket) });
  const call = (method: string, request: Message): Promise<Fields> =>
    unary(session.request(headers(method)), method, encodeMessage(request));
  return {
    async unmet() {
      const [status] = messages(await call('Status', {}), 1);
      return messages(status!, 1)
        .filter((condition) => condition.get(2)?.[0] !== 1)
        .map((condition) => [1, 3, 4].map((field) => text(condition, field)).join(' '));
    },
    runPod: async (pod) => text(await call('RunPodSandbox', { 1: podConfig(pod) }), 1),
    async addressesOf(podId) {
      const [status] = messages(await call('PodSandboxStatus', { 1: podId }), 1);
      const [network] = messages(status!, 5);
      return [text(network!, 1), ...messages(network!, 2).map((more) => text(more, 1))];
    },
    async startContainer(podId, pod, image, command) {
      const security = { 1: { 1: 'NET_RAW' } };
      const config = { 1: { 1: pod.name }, 2: { 1: image }, 3: command, 15: { 2: security } };
      const made = await call('CreateContainer', { 1: podId, 2: config, 3: podConfig(pod) });
      await call('StartContainer', { 1: text(made, 1) });
      return text(made, 1);
    },
    async exec(containerId, command) {
      const done = await call('ExecSync', { 1: containerId, 2: command, 3: 20 });
      const code = Number(done.get(3)?.[0] ?? 0);
      return { code, stdout: text(done, 1), stderr: text(done, 2) };
    },
    stopPod: async (podId) => void (await call('StopPodSandbox', { 1: podId })),
    removePod: async (podId) => void (await call('RemovePodSandbox', { 1: podId })),
    close: () => session.close(),
  };
}

const headers = (method: string) => ({
  [constants.HTTP2_HEADER_METHOD]: 'POST',
  [constants.HTTP2_HEADER_PATH]: `/runtime.v1.RuntimeService/${method}`,
  [constants.HTTP2_HEADER_CONTENT_TYPE]: 'application/grpc',
  [constants.HTTP2_HEADER_TE]: 'trailers',
});

/**
 * One message each way, each behind a byte for compression and its length; the status comes last.
 */
async function unary(
  stream: ReturnType<ReturnType<typeof connectHttp2>['request']>,
  method: string,
  request: Buffer,
): Promise<Fields> {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(request.length, 1);
  let status: Record<string, unknown> = {};
  const take = (some: object): void => void (status = { ...status, ...some });
  stream.on('response', take).on('trailers', take);
  stream.end(Buffer.concat([prefix, request]));
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  if (status['grpc-status'] !== '0') {
    const words = decodeURIComponent(String(status['grpc-message']));
    throw new Error(`${method}: gRPC status ${String(status['grpc-status'])}: ${words}`);
  }
  return decodeMessage(Buffer.concat(chunks).subarray(prefix.length));
}
