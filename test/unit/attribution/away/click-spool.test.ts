import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AwayClickIds } from '../../../../src/attribution/away/away-click-id.ts';
import { ClickSpool, type ClickSpoolSettings } from '../../../../src/attribution/away/click-spool.ts';
import type { ReplayReport } from '../../../../src/attribution/away/replay-segment.ts';
import { SpoolWatch } from '../../../../src/attribution/away/spool-watch.ts';
import type { ClickArrival, KeptClick } from '../../../../src/attribution/clicks/click.ts';

const ids = new AwayClickIds('a-root-secret-for-tests-and-nothing-else');
const AWAY = new Error('Connection is closed.');

let directory: string;
let recorded: string[];
let outcomes: string[];
let reports: ReplayReport[];
let failures: unknown[];
let spools: ClickSpool[];
let serial = 0;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sluice-spool-'));
  recorded = [];
  outcomes = [];
  reports = [];
  failures = [];
  spools = [];
});
afterEach(async () => {
  for (const spool of spools) await spool.stop();
  rmSync(directory, { recursive: true, force: true });
});

function spoolWith(changes: Partial<ClickSpoolSettings> = {}): ClickSpool {
  const spool = new ClickSpool({
    directory,
    process: 1,
    ids,
    clicks: {
      replay: async ({ id }: KeptClick) => {
        recorded.push(id);
        return true;
      },
    },
    doubtful: { find: async () => new Map() },
    recorded: () => undefined,
    observer: {
      kept: (outcome) => outcomes.push(outcome),
      replayed: (_, report) => reports.push(report),
      failed: (error) => failures.push(error),
    },
    nowMs: Date.now,
    ...changes,
  });
  spools.push(spool);
  return spool;
}

/** Somebody nobody has seen before, unless told otherwise. */
function arrival(facts: Partial<ClickArrival['facts']> = {}): ClickArrival {
  serial += 1;
  const number = serial.toString(16);
  return {
    shard: serial % 64,
    cookie: null,
    windowMs: 3_600_000,
    random: number.padStart(14, '0'),
    facts: {
      link_code: 'acme-home',
      partner_id: 'acme',
      product_id: 'quick-cash',
      lender_id: 'quickcredit',
      visitor: number.padStart(32, '0'),
      bot: false,
      speculative: false,
      cause: null,
      entry: null,
      ip: '0'.repeat(16),
      dc: false,
      sub_ids: { sub1: 'x' },
      at_ms: 1_772_422_800_000,
      ...facts,
    },
  };
}

function files(ending = '.log'): string[] {
  return readdirSync(directory).filter((name) => name.endsWith(ending));
}

async function keepMany(spool: ClickSpool, count: number): Promise<string[]> {
  const kept = await Promise.all(Array.from({ length: count }, () => spool.keep(arrival(), null)));
  return kept.map(({ id }) => id);
}

async function keepOne(spool: ClickSpool, who: ClickArrival, sentAtMs: number | null = null): Promise<string> {
  return (await spool.keep(who, sentAtMs)).id;
}

/** As kill -9 leaves it: the segments of a process that is there no longer. */
function makeOrphans(): void {
  for (const name of files()) {
    // A process with this number has ended: the number's own start time is another one.
    const dead = name.replace(/\.(\d+)\.log$/, '.1.log');
    renameSync(join(directory, name), join(directory, dead));
  }
}

describe('keeping clicks', () => {
  test('many at one moment are all on disk when they are answered, in one segment, and replayed under their ids', async () => {
    const spool = spoolWith();
    const given = await keepMany(spool, 500);
    const text = readFileSync(join(directory, files()[0] ?? ''), 'utf8');
    for (const id of given) expect(text).toContain(id);
    expect(new Set(given).size).toBe(500);
    await spool.replay();
    expect(recorded.sort()).toEqual(given.sort());
    expect(files()).toEqual([]);
    expect(reports).toEqual([{ records: 500, damaged: 0, isTorn: false }]);
  });

  test('the same visitor in the window gets the same click again; each arrival is kept', async () => {
    const spool = spoolWith();
    const first = arrival();
    const again = { ...arrival(), facts: first.facts, shard: first.shard };
    const withCookie = { ...again, random: 'f'.repeat(14), cookie: 'c'.repeat(32) };
    const given = [await spool.keep(first, null), await spool.keep(again, null), await spool.keep(withCookie, null)];
    expect(new Set(given.map(({ id }) => id)).size).toBe(1);
    expect(given.map(({ isNew }) => isNew)).toEqual([true, false, false]);
    await spool.replay();
    expect(new Set(recorded).size).toBe(3);
  });

  test('robots, and links on which every click counts, get a click each time', async () => {
    const spool = spoolWith();
    const bot = arrival({ bot: true });
    const everyClick = { ...arrival(), windowMs: 0 };
    const given: string[] = [];
    for (const who of [
      bot,
      { ...bot, random: 'e'.repeat(14) },
      everyClick,
      { ...everyClick, random: 'd'.repeat(14) },
    ]) {
      given.push(await keepOne(spool, who));
    }
    expect(new Set(given).size).toBe(4);
  });

  test('goes on in another segment when one is full', async () => {
    const spool = spoolWith({ segmentBytes: 4_000 });
    for (let round = 0; round < 6; round += 1) await keepMany(spool, 5);
    expect(files().length).toBeGreaterThan(2);
    await spool.replay();
    expect(recorded).toHaveLength(30);
    expect(files()).toEqual([]);
  });

  test('a full spool still gives out clicks that carry themselves, and takes more when it has been replayed', async () => {
    const spool = spoolWith({ maxBytes: 4_000, segmentBytes: 1_000 });
    for (let round = 0; round < 5; round += 1) {
      for (const id of await keepMany(spool, 3)) expect(ids.read(id)?.linkCode).toBe('acme-home');
    }
    const { bytes } = await spool.status();
    expect(bytes).toBeLessThanOrEqual(4_000);
    expect(new Set(outcomes)).toEqual(new Set(['kept', 'full']));
    expect(outcomes.filter((outcome) => outcome === 'kept')).toHaveLength((await replayed(spool)).length);
    outcomes.length = 0;
    await keepMany(spool, 1);
    expect(outcomes).toEqual(['kept']);
  });

  test('without a disk a click is answered all the same, and it is told why', async () => {
    rmSync(directory, { recursive: true });
    writeFileSync(directory, 'no folder');
    const watch = new SpoolWatch((error) => failures.push(error), Date.now);
    let nowMs = 1_772_000_000_000;
    const spool = spoolWith({ observer: watch, nowMs: () => nowMs });
    expect(ids.read(await keepOne(spool, arrival()))?.linkCode).toBe('acme-home');
    expect(watch.counts.kept).toMatchObject({ kept: 0, failed: 1 });
    expect(failures.map(String)).toEqual([expect.stringContaining('EEXIST'), expect.stringContaining('disk')]);
    rmSync(directory);
    // A disk that fails is left alone for a moment.
    expect(ids.read(await keepOne(spool, arrival()))).toBeDefined();
    nowMs += 600;
    expect(ids.read(await keepOne(spool, arrival()))).toBeDefined();
    expect(watch.counts.kept).toMatchObject({ kept: 1, failed: 2 });
  });

  async function replayed(spool: ClickSpool): Promise<string[]> {
    await spool.replay();
    return recorded;
  }
});

describe('a replay', () => {
  test('that breaks off is begun again, and leaves nothing behind', async () => {
    let left = 250;
    const spool = spoolWith({
      clicks: {
        replay: async ({ id }) => {
          if (left <= 0) throw AWAY;
          left -= 1;
          recorded.push(id);
          return true;
        },
      },
    });
    const given = await keepMany(spool, 400);
    await expect(spool.replay()).rejects.toThrow(AWAY);
    expect(files()).toHaveLength(1);
    left = 1_000;
    await spool.replay();
    expect([...new Set(recorded)].sort()).toEqual(given.sort());
    expect(files()).toEqual([]);
  });

  test('is not tried while Redis is known to be away', async () => {
    let isAway = true;
    const spool = spoolWith({ isAway: () => isAway });
    await keepMany(spool, 3);
    await spool.replay();
    expect(recorded).toEqual([]);
    isAway = false;
    await spool.replay();
    expect(recorded).toHaveLength(3);
  });

  test('asks about clicks whose answer was lost, and names the place of those that were recorded', async () => {
    const places = new Map<string, string | null | undefined>();
    const spool = spoolWith({
      clicks: {
        replay: async ({ id }, place) => {
          places.set(id, place);
          return true;
        },
      },
      doubtful: { find: async (clicks) => new Map(clicks.slice(0, 1).map(({ id }) => [id, '17-0'])) },
    });
    const [found, lost, unsent] = [
      await keepOne(spool, arrival(), 5),
      await keepOne(spool, arrival(), 5),
      await keepOne(spool, arrival()),
    ];
    await spool.replay();
    expect(places).toEqual(
      new Map([
        [unsent, null],
        [found, '17-0'],
        [lost, null],
      ]),
    );
  });

  test('sets aside a click that Redis refuses with a fault while it takes others; what befalls all is no fault of theirs', async () => {
    let refuses: (id: string) => boolean = () => true;
    const spool = spoolWith({
      clicks: {
        replay: async ({ id }) => {
          if (refuses(id)) throw new Error('WRONGTYPE');
          recorded.push(id);
          return true;
        },
      },
    });
    const given = await keepMany(spool, 10);
    await expect(spool.replay()).rejects.toThrow('WRONGTYPE');
    expect(files()).toHaveLength(1);
    refuses = (id) => id === given[4];
    await spool.replay();
    expect(recorded).toHaveLength(9);
    expect(files()).toEqual([]);
    expect(readFileSync(join(directory, files('.damaged')[0] ?? ''), 'utf8')).toContain(given[4]);
    expect(reports.at(-1)).toMatchObject({ damaged: 1 });
  });
});

describe('after kill -9', () => {
  test('a torn last record is skipped, and everything before it is replayed', async () => {
    const given = await keepMany(spoolWith(), 20);
    makeOrphans();
    const path = join(directory, files()[0] ?? '');
    writeFileSync(path, readFileSync(path).subarray(0, -40));
    await spoolWith().replay();
    expect(recorded).toHaveLength(19);
    expect(given).toEqual(expect.arrayContaining(recorded));
    expect(reports).toEqual([{ records: 19, damaged: 0, isTorn: true }]);
    expect(files('.damaged')).toEqual([]);
  });

  test('a record that was damaged in the middle is set aside and reported, the others are replayed', async () => {
    await keepMany(spoolWith(), 20);
    makeOrphans();
    const path = join(directory, files()[0] ?? '');
    const bytes = readFileSync(path);
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 0x20;
    writeFileSync(path, bytes);
    await spoolWith().replay();
    expect(recorded).toHaveLength(19);
    expect(reports).toEqual([{ records: 19, damaged: 1, isTorn: false }]);
    expect(readFileSync(join(directory, files('.damaged')[0] ?? '')).length).toBeGreaterThan(100);
  });

  test('a record with a forged id is set aside, not recorded', async () => {
    const foreign = new AwayClickIds('the-root-secret-of-somebody-else');
    await keepMany(spoolWith({ ids: foreign }), 1);
    makeOrphans();
    await spoolWith().replay();
    expect(recorded).toEqual([]);
    expect(reports).toEqual([{ records: 0, damaged: 1, isTorn: false }]);
  });

  test('segments of processes that are gone are replayed, each by one of those that look', async () => {
    const given: string[] = [];
    for (const process of [1, 2, 5]) given.push(...(await keepMany(spoolWith({ process }), 30)));
    makeOrphans();
    const lookers = [1, 2].map((process) => spoolWith({ process }));
    await Promise.all(lookers.map((spool) => spool.replay()));
    expect(recorded.sort()).toEqual(given.sort());
    expect(files()).toEqual([]);
  });

  test('segments of a process that lives are left to it', async () => {
    const living = spoolWith({ process: 2 });
    await keepMany(living, 5);
    await spoolWith().replay();
    expect(recorded).toEqual([]);
    await living.replay();
    expect(recorded).toHaveLength(5);
  });

  test('segments of another machine are taken when nobody has touched them for a minute', async () => {
    await keepMany(spoolWith(), 4);
    for (const name of files()) {
      renameSync(
        join(directory, name),
        join(directory, name.replace(/-[0-9a-f]{8}\.\d+\.\d+\.log$/, '-00000000.7.7.log')),
      );
    }
    const spool = spoolWith();
    await spool.replay();
    expect(recorded).toEqual([]);
    const before = Date.now() / 1_000 - 61;
    utimesSync(join(directory, files()[0] ?? ''), before, before);
    await spool.replay();
    expect(recorded).toHaveLength(4);
  });

  test('a process whose segment was taken from it by mistake writes again what it had not yet answered', async () => {
    const spool = spoolWith();
    await keepMany(spool, 1);
    makeOrphans();
    const given = await keepMany(spool, 3);
    expect(outcomes).toEqual(['kept', 'kept', 'kept', 'kept']);
    // The taker reads what there was, and takes the rest along with it.
    rmSync(join(directory, files().find((name) => name.endsWith('.1.log')) ?? ''));
    await spool.replay();
    expect(recorded).toEqual(expect.arrayContaining(given));
  });
});

test('a process that stops leaves what it kept to whoever comes next', async () => {
  const spool = spoolWith({ isAway: () => true });
  spool.start();
  const given = await keepMany(spool, 7);
  await spool.stop();
  await spoolWith({ process: 3 }).replay();
  expect(recorded.sort()).toEqual(given.sort());
});

test('says how much is kept, and since when', async () => {
  const spool = spoolWith({ nowMs: () => 1_772_000_000_000 });
  expect(await spool.status()).toEqual({ bytes: 0, segments: 0, oldestAtMs: null });
  await keepMany(spool, 2);
  expect(await spool.status()).toMatchObject({ segments: 1, oldestAtMs: 1_772_000_000_000 });
});
