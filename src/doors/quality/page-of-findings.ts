import type { QualityFinding } from '../../attribution/quality/finding.ts';
import { msOf } from '../../base/clock.ts';
import { pageOfList } from '../operator/page-of-list.ts';

/** Beyond every instant in ms that has as many digits. */
const TIME_END_MS = 10 ** 13;

/** One page of findings: what is on first, then the latest first. */
export function pageOfFindings(
  findings: readonly QualityFinding[],
  query: { readonly cursor?: string | undefined; readonly limit: number },
): { data: QualityFinding[]; next_cursor: string | null } {
  return pageOfList(findings, orderOf, query);
}

function orderOf({ id, since, ended_at }: QualityFinding): string {
  const newestFirst = String(TIME_END_MS - msOf(since)).padStart(13, '0');
  return `${ended_at === null ? 0 : 1} ${newestFirst} ${id}`;
}
