import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { SingleBar } from 'cli-progress';
import pc from 'picocolors';
import { loadRegistry } from '../registry/load-registry.ts';
import { type InsteadFile, idIn } from '../registry/put-instead.ts';
import type { RegistryProblem } from '../registry/registry-problem.ts';
import type { ContractTerms } from '../revenue/terms.ts';
import { type LineFault, readMoneyEvents } from '../revenue/trial/read-money-events.ts';
import { reversedObject, TermsTrial, type TrialLine } from '../revenue/trial/terms-trial.ts';
import { TrialTally } from '../revenue/trial/trial-tally.ts';
import { problemLine } from './partners.ts';
import { lineText, type TriedTerms, trialJson, trialTables } from './terms-table.ts';
import { readNamedFile, UsageError } from './usage-error.ts';

export interface TermsTryFlags {
  readonly events: string;
  readonly month?: string;
  readonly with?: string;
  readonly partners?: string;
  readonly lines?: boolean;
  readonly json?: boolean;
}

const NAMED_MAX = 20;
const PROGRESS_EVERY = 1_000;
/** From when on a version that is tried by itself is in force. */
const ALWAYS = '1970-01-01';

/**
 * Prices a file of events by new terms and by the present ones, and prints both.
 * @returns whether the yaml and the file were without errors and every event could be priced
 * @throws UsageError for a file that cannot be read, or a version that there is not
 */
export async function runTermsTry(file: string, flags: TermsTryFlags): Promise<boolean> {
  const directory = resolve(flags.partners ?? (process.env.SLUICE_PARTNERS || './partners'));
  const instead = { file, text: (await readNamedFile(file)).toString('utf8') };
  const wanted = await contractsIn(directory, idIn(file, instead.text), instead);
  if ('problems' in wanted) return tellProblems(wanted.problems, flags.json === true);
  const fresh = flags.with === undefined ? wanted.contracts : onlyVersion(wanted.contracts, flags.with);
  const now = await contractsIn(directory, wanted.partnerId);
  const present = 'problems' in now || now.contracts.length === 0 ? null : now.contracts;
  const size = await sizeOf(flags.events);
  const scan = await scanEvents(flags.events, size, [...fresh, ...(present ?? [])]);
  if (scan.faults.length > 0) return tellFaults(flags.events, scan.faults);
  const tried = { ...flags, partnerId: wanted.partnerId, size, isReversible: (id: string) => scan.objects.has(id) };
  const { result, unpriced } = await price(tried, fresh, present);
  process.stdout.write(flags.json === true ? trialJson(result, flags.lines === true) : trialTables(result));
  for (const [problem, count] of [...unpriced].slice(0, NAMED_MAX)) {
    process.stderr.write(`${count} ${count === 1 ? 'event' : 'events'} cannot be priced: ${problem}\n`);
  }
  return unpriced.size === 0;
}

type Loaded = { readonly partnerId: string; readonly contracts: readonly ContractTerms[] };

async function contractsIn(
  directory: string,
  partnerId: string,
  instead?: InsteadFile,
): Promise<Loaded | { readonly problems: readonly RegistryProblem[] }> {
  const environment = process.env.SLUICE_ENV === 'live' ? 'live' : 'sandbox';
  const loaded = await loadRegistry(directory, {
    environment,
    requireSecrets: false,
    ...(instead === undefined ? {} : { instead }),
  });
  if (!loaded.ok) return { problems: loaded.problems };
  return { partnerId, contracts: loaded.registry.contractsOf(partnerId) ?? [] };
}

/** The version in the place of all of its contract, from ever. Other contracts stay as they are. */
function onlyVersion(contracts: readonly ContractTerms[], id: string): ContractTerms[] {
  const version = contracts.find((terms) => terms.id === id);
  if (version === undefined) {
    throw new UsageError(`--with ${id}: the file has ${contracts.map((terms) => terms.id).join(', ') || 'no terms'}`);
  }
  return [...contracts.filter(({ contract }) => contract !== version.contract), { ...version, from: ALWAYS }];
}

/** First time through the file: whether it is one, and of which applications and loans something is taken back. */
async function scanEvents(file: string, size: number, contracts: readonly ContractTerms[]) {
  const objects = new Set<string>();
  const faults: LineFault[] = [];
  const bar = startBar('reading', size);
  const options = { failed: (fault: LineFault) => faults.push(fault), progress: bar.tell };
  for await (const event of readMoneyEvents(file, options)) {
    if (faults.length > NAMED_MAX) break;
    const object = reversedObject(contracts, event);
    if (object !== null) objects.add(object);
  }
  bar.stop();
  return { objects, faults };
}

interface Tried extends TermsTryFlags {
  readonly partnerId: string;
  readonly size: number;
  readonly isReversible: (objectId: string) => boolean;
}

/** Second time through the file: what each event pays, by both. */
async function price(tried: Tried, fresh: readonly ContractTerms[], present: readonly ContractTerms[] | null) {
  const month = tried.month ?? null;
  const bar = startBar('pricing', tried.size);
  const unpriced = new Map<string, number>();
  const sides = [fresh, present].map((contracts) => ({
    trial: new TermsTrial(contracts ?? [], tried.isReversible),
    tally: new TrialTally(contracts ?? [], month),
  }));
  const print = linePrinter(tried);
  let events = 0;
  for await (const event of readMoneyEvents(tried.events, { failed: () => undefined, progress: bar.tell })) {
    events += 1;
    for (const [index, { trial, tally }] of sides.entries()) {
      const outcome = trial.apply(event);
      if (outcome.result === 'unpriced') {
        if (index === 0) unpriced.set(outcome.problem, (unpriced.get(outcome.problem) ?? 0) + 1);
        continue;
      }
      for (const line of outcome.lines) if (tally.add(line) && index === 0) await print(line);
    }
  }
  for (const [index, { trial, tally }] of sides.entries()) {
    for (const line of trial.settle()) if (tally.add(line) && index === 0) await print(line);
  }
  bar.stop();
  const [freshTally, presentTally] = sides.map(({ tally }) => ({ rows: tally.rows(), totals: tally.totals() }));
  const result: TriedTerms = {
    partnerId: tried.partnerId,
    month,
    events,
    fresh: freshTally ?? { rows: [], totals: [] },
    present: present === null ? null : (presentTally ?? null),
    unpriced: [...unpriced].map(([problem, count]) => ({ problem, count })),
  };
  return { result, unpriced };
}

/** Prints lines as they come: a month may have millions. In JSON they begin the document that the table ends. */
function linePrinter({ lines, json }: TermsTryFlags): (line: TrialLine) => Promise<void> {
  if (lines !== true) return async () => undefined;
  let isFirst = true;
  if (json === true) process.stdout.write('{"lines":[');
  return async (line) => {
    const text = lineText(line, json === true);
    const isRoom = process.stdout.write(json !== true ? `${text}\n` : isFirst ? `\n${text}` : `,\n${text}`);
    isFirst = false;
    if (!isRoom) await once(process.stdout, 'drain');
  };
}

function tellProblems(problems: readonly RegistryProblem[], isJson: boolean): false {
  const colours = pc.createColors(process.stderr.isTTY === true && pc.isColorSupported);
  if (isJson) process.stdout.write(`${JSON.stringify({ ok: false, problems }, null, 2)}\n`);
  else for (const problem of problems) process.stderr.write(`${problemLine(problem, colours)}\n`);
  return false;
}

function tellFaults(file: string, faults: readonly LineFault[]): false {
  for (const { line, problem } of faults.slice(0, NAMED_MAX)) process.stderr.write(`${file}:${line}  ${problem}\n`);
  if (faults.length > NAMED_MAX) process.stderr.write('… and more\n');
  return false;
}

async function sizeOf(file: string): Promise<number> {
  try {
    const found = await stat(file);
    if (found.isFile()) return found.size;
  } catch {
    throw new UsageError(`cannot read ${file}: there is no such file`);
  }
  throw new UsageError(`cannot read ${file}: it must be a file, since it is read twice`);
}

/** A bar on a terminal, and nothing elsewhere. */
function startBar(what: string, total: number): { readonly tell: (bytes: number) => void; readonly stop: () => void } {
  if (process.stderr.isTTY !== true) return { tell: () => undefined, stop: () => undefined };
  const bar = new SingleBar({ format: `${what} {bar} {percentage} %`, clearOnComplete: true, stream: process.stderr });
  bar.start(total, 0);
  let calls = 0;
  return {
    tell: (bytes) => {
      calls += 1;
      if (calls % PROGRESS_EVERY === 0) bar.update(bytes);
    },
    stop: () => bar.stop(),
  };
}
