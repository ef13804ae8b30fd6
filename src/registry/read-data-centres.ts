import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type AddressRanges, NO_RANGES, readAddressRanges } from './address-ranges.ts';
import { OPERATOR_FILE } from './read-files.ts';
import type { RegistryProblem } from './registry-problem.ts';

/** The addresses of data centres as operator.yaml names them. */
export interface DataCentres {
  readonly ranges: AddressRanges;
  /** SHA-256 of the file in hex; empty when none is named. */
  readonly digest: string;
  readonly problems: readonly RegistryProblem[];
}

const NONE: DataCentres = { ranges: NO_RANGES, digest: '', problems: [] };
const ABSENT: readonly string[] = ['ENOENT', 'ENOTDIR'];

/** What was read last: the list is long, and does not change with every other file. */
let lastRead: { readonly digest: string; readonly ranges: AddressRanges } | undefined;

/**
 * Reads the list of data centres.
 * @param file `./…` beside operator.yaml; absent = there is none
 * Throws when the disk fails.
 */
export async function readDataCentres(directory: string, file: string | undefined): Promise<DataCentres> {
  if (file === undefined) return NONE;
  const name = file.slice('./'.length);
  let text: string;
  try {
    text = await readFile(join(directory, name), 'utf8');
  } catch (fault) {
    if (!(fault instanceof Error && 'code' in fault && ABSENT.includes(String(fault.code)))) throw fault;
    const message = `traffic_quality names ${file}, which is missing`;
    const hint = `add the file, or remove data_centre_ranges from ${OPERATOR_FILE}`;
    return { ...NONE, problems: [problem(name, 1, 'file_missing', message, hint)] };
  }
  const digest = createHash('sha256').update(text).digest('hex');
  if (lastRead?.digest === digest) return { ranges: lastRead.ranges, digest, problems: [] };
  const read = readAddressRanges(text);
  if (!read.ok) {
    const hint = 'write an address or a block such as 192.0.2.0/24 or 2001:db8::/32 a line; # begins a comment';
    const problems = read.faults.map(({ line, text: entry }) =>
      problem(name, line, 'not_a_range', `${entry} is no address and no CIDR block`, hint),
    );
    return { ...NONE, digest, problems };
  }
  lastRead = { digest, ranges: read.ranges };
  return { ranges: read.ranges, digest, problems: [] };
}

function problem(file: string, line: number, code: string, message: string, hint: string): RegistryProblem {
  return { file, line, column: 1, path: '', message, code, hint };
}
