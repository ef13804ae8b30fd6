import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/** One request as the provider got it. */
export interface ProvidedCode {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  readonly body: { readonly id: string; readonly phone: string; readonly code: string; readonly language: string };
}

/** A provider of one-time codes on loopback that speaks real HTTP. */
export interface CodeProvider {
  readonly url: string;
  readonly sent: ProvidedCode[];
  /** What it answers from now on. `hang` = nothing; `cut` = the connection ends without an answer. */
  answers: number | 'hang' | 'cut';
  close(): Promise<void>;
}

export async function startCodeProvider(): Promise<CodeProvider> {
  const sent: ProvidedCode[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', async () => {
      const text = Buffer.concat(parts).toString();
      sent.push({ headers: request.headers, text, body: JSON.parse(text) });
      if (provider.answers === 'cut') request.socket.destroy();
      else if (provider.answers === 'hang') await delay(2_000, undefined, { ref: false });
      else response.writeHead(provider.answers, { location: 'https://elsewhere.example/' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const provider: CodeProvider = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/codes`,
    sent,
    answers: 200,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return provider;
}
