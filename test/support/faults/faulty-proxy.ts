import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Fault, FaultPlan } from './fault-plan.ts';

/** A request as it came, bytes and all: signatures stay good. */
export interface PassingRequest {
  readonly method: string;
  readonly path: string;
  /** Names and values in turn, as they came; `host` among them. */
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
}

export interface PassingReply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface FaultyProxy {
  /** `http://127.0.0.1:<port>`. */
  readonly origin: string;
  /** Requests that came. */
  readonly requests: () => number;
  close(): Promise<void>;
}

export interface ProxySettings {
  readonly plan: FaultPlan;
  /** What names a message, however often it is sent. */
  readonly nameOf: (request: PassingRequest) => string;
  /** Hands it over to where it is going. @throws when nobody is there */
  readonly deliver: (request: PassingRequest, name: string) => Promise<PassingReply>;
  /** Hands it over once more, while the first is not answered yet. */
  readonly deliverAgain?: (request: PassingRequest, name: string) => Promise<PassingReply>;
}

/** Stands between two parties, over real HTTP, and does to their requests what its plan says. */
export async function startFaultyProxy(settings: ProxySettings): Promise<FaultyProxy> {
  let count = 0;
  const late = new Set<Promise<unknown>>();
  const server = createServer((incoming, response) => {
    count += 1;
    void takeIn(incoming)
      .then((passing) => pass(settings, passing, response, late))
      // Nobody was there to take it, or to answer: that is what the sender finds too.
      .catch(() => incoming.socket.destroy());
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: () => count,
    async close() {
      await Promise.allSettled(late);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function takeIn(incoming: IncomingMessage): Promise<PassingRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const { method = 'GET', url = '/', rawHeaders } = incoming;
  return { method, path: url, rawHeaders, body: Buffer.concat(chunks) };
}

async function pass(
  settings: ProxySettings,
  passing: PassingRequest,
  response: ServerResponse,
  late: Set<Promise<unknown>>,
): Promise<void> {
  const { plan, nameOf, deliver, deliverAgain = deliver } = settings;
  const name = nameOf(passing);
  const fault = plan.next(name);
  switch (fault.kind) {
    case 'cut_before':
      return cut(response);
    case 'refused':
      return refuse(response, fault);
    case 'ghost': {
      const arrival: Promise<unknown> = delay(fault.ms)
        .then(() => deliverAgain(passing, name))
        .catch(() => undefined)
        .finally(() => late.delete(arrival));
      late.add(arrival);
      return cut(response);
    }
    case 'cut_after':
      await deliver(passing, name);
      return cut(response);
    case 'hung':
      await deliver(passing, name);
      await delay(fault.ms);
      return cut(response);
    case 'twice': {
      const [, second] = await Promise.all([deliver(passing, name), deliverAgain(passing, name)]);
      return answer(response, second);
    }
    case 'truncated': {
      const reply = await deliver(passing, name);
      response.writeHead(reply.status, reply.headers);
      response.write(reply.body.subarray(0, reply.body.length / 2));
      return cut(response);
    }
    case 'delayed':
      await delay(fault.ms);
      return answer(response, await deliver(passing, name));
    case 'none':
      return answer(response, await deliver(passing, name));
  }
}

function refuse(response: ServerResponse, { status }: Extract<Fault, { kind: 'refused' }>): void {
  response.writeHead(status, { 'content-type': 'text/plain', ...(status === 500 ? {} : { 'retry-after': '1' }) });
  response.end('not now');
}

function answer(response: ServerResponse, { status, headers, body }: PassingReply): void {
  if (response.destroyed) return;
  response.writeHead(status, headers);
  response.end(body);
}

function cut(response: ServerResponse): void {
  response.socket?.destroy();
}

/** Sends requests on as they came, over connections that are kept. */
export class Forwarder {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 256 });

  /** @throws when the connection is refused or cut */
  send(origin: string, { method, path, rawHeaders, body }: PassingRequest): Promise<PassingReply> {
    return new Promise((resolve, reject) => {
      const url = `${origin}${path}`;
      const outgoing = request(url, { method, headers: withoutHop(rawHeaders), agent: this.#agent }, (reply) => {
        const chunks: Buffer[] = [];
        reply.on('data', (chunk: Buffer) => chunks.push(chunk));
        reply.on('error', reject);
        reply.on('end', () => {
          const headers = Object.entries(reply.headers).flatMap(([name, value]) =>
            typeof value === 'string' && !HOP.has(name) ? [[name, value]] : [],
          );
          resolve({
            status: reply.statusCode ?? 0,
            headers: Object.fromEntries(headers) as Record<string, string>,
            body: Buffer.concat(chunks),
          });
        });
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

const HOP: ReadonlySet<string> = new Set(['connection', 'keep-alive', 'transfer-encoding']);

function withoutHop(rawHeaders: readonly string[]): string[] {
  return rawHeaders.filter((_, at) => !HOP.has((rawHeaders[at - (at % 2)] ?? '').toLowerCase()));
}
