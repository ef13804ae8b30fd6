import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { funderParty } from '../base/ledger-party.ts';
import type { CounterpartySet, Entry, Environment, SetOptions } from './counterparty-set.ts';
import { type LocatedDocument, parseLocatedDocument } from './located-document.ts';
import { type InsteadFile, putInstead } from './put-instead.ts';
import { readDataCentres } from './read-data-centres.ts';
import { DIALECT_FILE, OPERATOR_FILE, type RawFile, readFiles } from './read-files.ts';
import { createRegistry, type Registry } from './registry.ts';
import { type Finding, formatProblem, type RegistryProblem } from './registry-problem.ts';
import { funderSchema } from './schema/funder.ts';
import { isCalled, lenderSchema } from './schema/lender.ts';
import { operatorSchema } from './schema/operator.ts';
import { trafficPartnerSchema } from './schema/traffic-partner.ts';
import { trafficQualitySchema } from './schema/traffic-quality.ts';
import { schemaFindings } from './schema-findings.ts';
import { termsFingerprint } from './terms-in-force.ts';
import { validateSet } from './validate-set.ts';
import { termsKey } from './validate-terms.ts';

export interface LoadOptions {
  /** Default `sandbox`. */
  environment?: Environment;
  /** Where `secret_env` is looked up; default `process.env`. */
  variables?: Readonly<Record<string, string | undefined>>;
  /** Authorities of the gateway's public origins, such as `go.example`; absent = a link's `host` is not judged. */
  publicHosts?: readonly string[] | undefined;
  /** false = an absent secret variable is only a warning. Default true. */
  requireSecrets?: boolean;
  /** Asked for the terms of these parties that have priced a commission: changed ones do not load. */
  pricedTerms?: PricedTermsSource;
  /** A partner's file that is tried in the place of its own. */
  instead?: InsteadFile;
}

/**
 * Fingerprints of the terms that have priced a commission, by `<party>/<terms id>`, a funder by its own id.
 * @param partyIds as their ledgers go by: `funder:<id>` for a funder
 */
export type PricedTermsSource = (partyIds: readonly string[]) => Promise<ReadonlyMap<string, string>>;

export type LoadResult =
  | { ok: true; registry: Registry; warnings: RegistryProblem[] }
  | { ok: false; problems: RegistryProblem[]; warnings: RegistryProblem[] };

const SCHEMAS = {
  traffic: trafficPartnerSchema,
  lender: lenderSchema,
  funder: funderSchema,
  operator: operatorSchema,
} as const;

/** Stands in while operator.yaml is missing or faulty, so that the other files are still checked. */
const NO_OPERATOR = {
  file: OPERATOR_FILE,
  folder: '',
  value: {
    legal_entities: [],
    default_timezone: '',
    accounting: { accounts: {} },
    traffic_quality: trafficQualitySchema.parse({}),
  },
};

/**
 * Reads and checks a directory of counterparty files as one set. All problems are collected, each with file, line, column
 * and path, sorted by place. Throws only when the disk itself fails, or what `pricedTerms` asks.
 */
export async function loadRegistry(directory: string, options: LoadOptions = {}): Promise<LoadResult> {
  const settings: SetOptions = {
    environment: options.environment ?? 'sandbox',
    variables: options.variables ?? process.env,
    publicHosts: options.publicHosts,
    requireSecrets: options.requireSecrets ?? true,
  };
  const onDisk = await readFiles(directory);
  const raw = options.instead === undefined ? onDisk : putInstead(onDisk, options.instead);
  const problems = [...raw.problems];
  const documents = new Map(raw.files.map((file) => [file.file, parseLocatedDocument(file.file, file.text)]));
  const draft = parseSet(raw.files, documents, problems);
  const dataCentres = await readDataCentres(directory, draft.set.operator.value.traffic_quality.data_centre_ranges);
  problems.push(...dataCentres.problems);
  const missing = raw.problems.map((problem) => problem.file.split('/')[0]);
  if (missing.includes('lending')) draft.set.incomplete.add('lender');
  if (missing.includes('funding')) draft.set.incomplete.add('funder');

  const holders = [
    ...draft.set.traffic.map(({ value }) => value.id),
    ...draft.set.funders.map(({ value }) => funderParty(value.id)),
  ];
  const pricedTerms = await options.pricedTerms?.(holders);
  const findings = [
    ...dialectFindings(raw.files, draft.set),
    ...validateSet(draft.set, { ...settings, pricedTerms, termsFingerprints: draft.fingerprints }),
  ];
  const warnings: RegistryProblem[] = [];
  for (const finding of findings) {
    const located = documents.get(finding.file)?.locate(finding);
    if (located) (finding.severity === 'warning' ? warnings : problems).push(located);
  }
  warnings.sort(byPlace);
  if (problems.length > 0) return { ok: false, problems: problems.sort(byPlace), warnings };
  const dialectFiles = new Map(
    raw.files.flatMap(({ kind, folder, dialectFile }) =>
      dialectFile === null ? [] : [[`${kind}/${folder}`, dialectFile]],
    ),
  );
  const parts = {
    revision: withList(raw.revision, dataCentres.digest),
    termsFingerprints: draft.fingerprints,
    dialectFiles,
    dataCentres: dataCentres.ranges,
  };
  return { ok: true, registry: createRegistry(draft.set, settings.variables, parts), warnings };
}

/** A list beside the files is part of the set: another one is another revision. */
function withList(revision: string, digest: string): string {
  if (digest === '') return revision;
  return createHash('sha256').update(`${revision} ${digest}`).digest('hex').slice(0, revision.length);
}

/** Thrown at boot when the files do not load; the message lists every problem. */
export class RegistryError extends Error {
  readonly problems: readonly RegistryProblem[];

  constructor(directory: string, problems: readonly RegistryProblem[]) {
    const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
    super([`${count} in the counterparty files of ${directory}:`, ...problems.map(formatProblem)].join('\n'));
    this.name = 'RegistryError';
    this.problems = problems;
  }
}

interface Draft {
  set: {
    traffic: Entry<z.output<typeof trafficPartnerSchema>>[];
    lenders: Entry<z.output<typeof lenderSchema>>[];
    funders: Entry<z.output<typeof funderSchema>>[];
    operator: CounterpartySet['operator'];
    incomplete: Set<RawFile['kind']>;
  };
  fingerprints: Map<string, string>;
}

/** Applies the schemas, operator.yaml first because its time zone is the default of the others. */
function parseSet(
  files: readonly RawFile[],
  documents: ReadonlyMap<string, LocatedDocument>,
  problems: RegistryProblem[],
): Draft {
  const draft: Draft = {
    set: { traffic: [], lenders: [], funders: [], operator: NO_OPERATOR, incomplete: new Set(['operator'] as const) },
    fingerprints: new Map(),
  };
  const { set } = draft;
  const parse = <K extends RawFile['kind']>(raw: RawFile, kind: K): z.output<(typeof SCHEMAS)[K]> | null => {
    const document = documents.get(raw.file);
    if (document === undefined) return null;
    problems.push(...document.problems);
    if (document.problems.length === 0) {
      const value = withDefaultTimezone(document.value, set.operator.value.default_timezone);
      const result = SCHEMAS[kind].safeParse(value);
      if (result.success) {
        recordFingerprints(draft.fingerprints, raw.folder, value);
        return result.data as z.output<(typeof SCHEMAS)[K]>;
      }
      const findings: Finding[] = schemaFindings(SCHEMAS[kind], result.error.issues, document.value, raw.file);
      problems.push(...findings.map(document.locate));
    }
    set.incomplete.add(kind);
    return null;
  };
  const ordered = [...files].sort(
    (left, right) => Number(right.kind === 'operator') - Number(left.kind === 'operator'),
  );
  for (const raw of ordered) {
    const { file, folder } = raw;
    if (raw.kind === 'operator') {
      const value = parse(raw, 'operator');
      if (value === null) continue;
      set.operator = { file, folder, value };
      set.incomplete.delete('operator');
    } else if (raw.kind === 'traffic') {
      const value = parse(raw, 'traffic');
      if (value) set.traffic.push({ file, folder, value });
    } else if (raw.kind === 'lender') {
      const value = parse(raw, 'lender');
      if (value) set.lenders.push({ file, folder, value });
    } else {
      const value = parse(raw, 'funder');
      if (value) set.funders.push({ file, folder, value });
    }
  }
  return draft;
}

/** Fills the operator's time zone into terms and products that name none. */
function withDefaultTimezone(value: unknown, timezone: string): unknown {
  if (!isRecord(value) || timezone === '') return value;
  const filled: Record<string, unknown> = { ...value };
  for (const field of ['terms', 'products']) {
    const items = value[field];
    if (Array.isArray(items)) filled[field] = items.map((item) => (isRecord(item) ? { timezone, ...item } : item));
  }
  return filled;
}

function recordFingerprints(into: Map<string, string>, party: string, value: unknown): void {
  if (!isRecord(value) || !Array.isArray(value.terms)) return;
  for (const terms of value.terms) {
    if (isRecord(terms)) into.set(termsKey(party, String(terms.id)), termsFingerprint(terms));
  }
}

function dialectFindings(files: readonly RawFile[], set: Draft['set']): Finding[] {
  const withoutFile = new Set(files.filter((raw) => raw.dialectFile === null).map((raw) => raw.file));
  const used = [
    ...set.traffic.map(({ file, value }) => ({ file, path: ['dialect'], dialect: value.dialect })),
    ...set.lenders.flatMap(({ file, value }) =>
      isCalled(value.core) ? [{ file, path: ['core', 'dialect'], dialect: value.core.dialect }] : [],
    ),
  ];
  return used.flatMap(({ file, path, dialect }) => {
    if (dialect !== `./${DIALECT_FILE}` || !withoutFile.has(file)) return [];
    return [{ file, path, code: 'file_missing', message: `there is no ${DIALECT_FILE} beside this file` }];
  });
}

function byPlace(left: RegistryProblem, right: RegistryProblem): number {
  if (left.file !== right.file) return left.file < right.file ? -1 : 1;
  return left.line - right.line || left.column - right.column;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
