import Table from 'cli-table3';
import pc from 'picocolors';

/** A key as the operator API shows it. */
export interface ListedKey {
  readonly id: string;
  readonly party: { readonly kind: string; readonly id: string };
  readonly source: string;
  readonly alg: string;
  readonly status: string;
  readonly not_before: string | null;
  readonly not_after: string | null;
  readonly revoked_at: string | null;
  readonly thumbprint: string | null;
}

/** Keys as a table for a terminal. */
export function keysTable(keys: readonly ListedKey[]): string {
  if (keys.length === 0) return 'no keys\n';
  const colours = pc.createColors(process.stdout.isTTY === true && pc.isColorSupported);
  const head = ['id', 'party', 'source', 'algorithm', 'status', 'ends', 'thumbprint'];
  const table = new Table({ head, style: { head: [], border: [] } });
  for (const { id, party, source, alg, status, not_after, revoked_at, thumbprint } of keys) {
    const shown = status === 'active' ? colours.green(status) : status === 'retiring' ? colours.yellow(status) : status;
    const end = revoked_at ?? not_after;
    table.push([id, `${party.kind}/${party.id}`, source, alg, shown, end?.slice(0, 16) ?? 'never', thumbprint ?? '']);
  }
  return `${table.toString()}\n`;
}
