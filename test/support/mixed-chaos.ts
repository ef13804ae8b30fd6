import { setTimeout as delay } from 'node:timers/promises';
import { MINUTE_MS } from '../../src/base/clock.ts';
import { connectRedis } from '../../src/redis/connection.ts';
import { createKeyspace } from '../../src/redis/keyspace.ts';
import { createSandboxClock } from '../../src/sandbox/sandbox-clock.ts';
import { ADMIN_TOKEN } from './gateway.ts';
import { nextPerson } from './intake.ts';
import type { AnsweredReservation, MixedLoad } from './mixed-load.ts';
import type { SharedInstallation } from './shared-installation.ts';
import { operatorClient } from './signed-client.ts';
import { plainOf } from './subject-forms.ts';

const DOWN_MS = 700;
const QUIET_PEOPLE = 3;
/** A minute longer than a reservation. */
const PAST_RESERVATIONS_MS = 11 * MINUTE_MS;
const PATIENCE_MS = 20_000;

/**
 * What happens to an installation under load: Redis is killed twice, a gateway once, and business time twice passes the end of
 * all reservations. In between it looks whether people whom acme alone has reserved are kept from others, and after the end no longer.
 * @returns what was not as it has to be
 */
export async function playChaos(
  installation: SharedInstallation,
  load: MixedLoad,
  lastsMs: number,
): Promise<readonly string[]> {
  const startedMs = Date.now();
  const faults: string[] = [];
  const at = (share: number): Promise<void> => delay(Math.max(0, startedMs + share * lastsMs - Date.now()));
  const outlive = async (act: () => Promise<void>): Promise<void> => {
    const quiet = await reserveQuiet(load, faults);
    await act();
    await expectKept(load, quiet, true, faults);
    load.endReservations();
    await passReservations(installation);
    await expectKept(load, quiet, false, faults);
  };
  load.start();
  await at(0.1);
  await outlive(() => installation.killRedis(DOWN_MS));
  await at(0.25);
  await outlive(async () => {
    // The first one started: it leads most of the shards.
    await installation.killGateway(0);
    await at(0.5);
    await installation.killRedis(DOWN_MS);
  });
  await at(1);
  await load.stop();
  return faults;
}

/** People of whom nobody else knows. */
async function reserveQuiet(load: MixedLoad, faults: string[]): Promise<AnsweredReservation[]> {
  const people = Array.from({ length: QUIET_PEOPLE }, () => nextPerson());
  const made = await Promise.all(people.map((person) => load.reserve('acme', person, 'quick-cash', plainOf(person))));
  if (made.includes(undefined)) faults.push('somebody of whom nobody knows could not be reserved');
  return made.filter((one) => one !== undefined);
}

async function expectKept(load: MixedLoad, quiet: readonly AnsweredReservation[], isKept: boolean, faults: string[]) {
  const answers = await Promise.all(
    quiet.map(({ person, productId }) => load.submit(load.submission('summit', person, productId))),
  );
  const wrong = answers.filter((answer) => answer?.isRefused !== isKept);
  if (wrong.length === 0) return;
  faults.push(
    `${wrong.length} of ${quiet.length} reserved people were ${isKept ? 'given away' : 'kept beyond the end'}`,
  );
}

/** Moves business time for all who share the clock, and waits until they go by it. */
async function passReservations({ redisUrl, urls }: SharedInstallation): Promise<void> {
  const client = await connectRedis({ url: redisUrl });
  const clock = await createSandboxClock(client, createKeyspace('sluice:'));
  try {
    const movedMs = await clock.advance(PAST_RESERVATIONS_MS);
    for (const url of urls) await untilReached(url, movedMs);
  } finally {
    clock.stop();
    client.disconnect();
  }
}

async function untilReached(url: string, movedMs: number): Promise<void> {
  const operator = operatorClient(url, ADMIN_TOKEN);
  for (const deadline = Date.now() + PATIENCE_MS; ; await delay(50)) {
    const answer = await operator.get('/sandbox/clock').catch(() => undefined);
    if (answer?.status === 200 && Date.parse(answer.body.now) >= movedMs) return;
    if (Date.now() > deadline) throw new Error(`${url} does not go by the shared clock`);
  }
}
