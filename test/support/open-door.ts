import { generateKeyPairSync } from 'node:crypto';
import { createDoor, type DoorDeps } from '../../src/http/app.ts';
import { mountDoors } from '../../src/http/mount-doors.ts';
import { type Direct, startServer } from '../../src/http/server.ts';
import type { SigningKey } from '../../src/trust/import-key.ts';
import { toPublicNames } from '../../src/trust/public-names.ts';
import { signRequest } from '../../src/trust/sign-message.ts';
import { tinyDeps } from './tiny-door.ts';

type Fetchable = Parameters<typeof mountDoors>[1];

export interface OpenDoor {
  readonly origin: string;
  close(): Promise<void>;
}

/**
 * A door on a real socket, reached under its own address.
 * @param create makes the door with what every door needs, once the address is known
 * @param segments first path segments that lead to it
 * @param createDirect makes what is asked before the door
 */
export async function openDoor(
  create: (deps: DoorDeps) => Fetchable,
  segments: readonly string[],
  env: 'sandbox' | 'live' = 'sandbox',
  createDirect?: (deps: DoorDeps) => Direct,
): Promise<OpenDoor> {
  let fetch: ReturnType<typeof mountDoors> | undefined;
  let direct: Direct = () => false;
  let origin = '';
  const server = await startServer({
    fetch: (request, bindings) => {
      if (fetch === undefined) throw new Error('the door is not open yet');
      return fetch(request, bindings);
    },
    direct: (incoming, outgoing, takeOver) => direct(incoming, outgoing, takeOver),
    host: '127.0.0.1',
    port: 0,
    publicUrl: () => origin,
  });
  origin = server.url;
  const deps: DoorDeps = { ...tinyDeps({ env }), publicNames: toPublicNames([origin]), publicUrl: origin };
  const door = create(deps);
  direct = createDirect?.(deps) ?? direct;
  const fallback = createDoor({ name: 'fallback' }, deps);
  fetch = mountDoors(Object.fromEntries(segments.map((segment) => [segment, door])), fallback);
  return { origin, close: () => server.close(0) };
}

/** A fresh Ed25519 key under an id. */
export function freshKey(id: string): SigningKey {
  return { id, alg: 'ed25519', keyObject: generateKeyPairSync('ed25519').privateKey };
}

/** Sends a request that the key signs now. */
export async function fetchSigned(
  url: string,
  key: SigningKey,
  body?: unknown,
  method: string = body === undefined ? 'GET' : 'POST',
): Promise<{ status: number; body: Record<string, unknown> }> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const type: Record<string, string> = text === undefined ? {} : { 'content-type': 'application/json' };
  const createdSeconds = Date.now() / 1_000;
  const signature = signRequest({ method, url, headers: type, body: text, key, createdSeconds });
  const response = await fetch(url, { method, headers: { ...type, ...signature }, body: text });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}
