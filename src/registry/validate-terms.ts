import type { CounterpartySet, Entry, KnownIds, SetOptions } from './counterparty-set.ts';
import { duplicates, unknownIds } from './reference-findings.ts';
import type { FieldPath, Finding } from './registry-problem.ts';
import type { Funder } from './schema/funder.ts';
import type { Rule, When } from './schema/rules.ts';
import type { Terms } from './schema/terms.ts';
import type { TrafficPartner } from './schema/traffic-partner.ts';
import { funderTermsFindings } from './validate-funder-terms.ts';
import { payFindings } from './validate-pay.ts';

/** What all versions of a contract share, since its periods, its ledger and its statements run across them. */
const FIXED_BY_CONTRACT = ['currency', 'timezone', 'cycle', 'payer', 'payee'] as const;

/** A version of either side; only a funder's names the payee. */
type AnyTerms = Terms & { readonly payee?: string };

/** Key of a terms version over all parties. */
export function termsKey(partyId: string, termsId: string): string {
  return `${partyId}/${termsId}`;
}

/** Checks the terms of a partner or funder: versions in order, references, immutable versions, warnings. */
export function validateTerms(
  entry: Entry<TrafficPartner> | Entry<Funder>,
  known: KnownIds,
  incomplete: CounterpartySet['incomplete'],
  options: SetOptions,
): Finding[] {
  const { file, value } = entry;
  const isPartner = 'links' in value;
  const links = isPartner ? new Set(value.links.map((link) => link.code)) : null;
  const ids = value.terms.map((terms, index) => ({ id: terms.id, file, path: ['terms', index, 'id'] }));
  return [
    ...duplicates(ids, 'terms version'),
    ...versionFindings(file, value.terms),
    ...missingFindings(file, value, options),
    ...value.terms.flatMap((terms, index) => [
      ...(isPartner ? [] : funderTermsFindings(file, ['terms', index], terms, value.id)),
      ...(incomplete.has('operator') ? [] : ourSideFindings(file, ['terms', index], terms, known.payers, isPartner)),
      ...ruleFindings(file, ['terms', index], terms),
      ...payFindings(file, ['terms', index], terms),
      ...terms.rules.flatMap((rule, at) => {
        const path = ['terms', index, 'rules', at];
        return whenFindings(file, [...path, 'when'], rule.when ?? {}, known, links, incomplete);
      }),
      ...(isPartner && value.kind === 'referral' ? paidByLoanSize(file, ['terms', index], terms) : []),
      ...immutableFindings(file, index, termsKey(value.id, terms.id), options),
    ]),
  ];
}

/** Whoever pays a partner, or is paid by a funder, is one of our legal entities. */
function ourSideFindings(
  file: string,
  path: FieldPath,
  { payer, payee = '' }: AnyTerms,
  entities: ReadonlySet<string>,
  isPartner: boolean,
): Finding[] {
  return isPartner
    ? unknownIds(file, [...path, 'payer'], [payer], entities, 'payer')
    : unknownIds(file, [...path, 'payee'], [payee], entities, 'payee');
}

function versionFindings(file: string, versions: readonly AnyTerms[]): Finding[] {
  const latest = new Map<string, AnyTerms>();
  return versions.flatMap((terms, index) => {
    const earlier = latest.get(terms.contract);
    latest.set(terms.contract, terms);
    if (earlier === undefined) return [];
    const found: Finding[] = [];
    if (terms.from <= earlier.from) {
      const message = `must be later than ${earlier.from} of ${earlier.id}, the version of contract ${terms.contract} before it`;
      found.push({ file, path: ['terms', index, 'from'], code: 'versions_unordered', message });
    }
    for (const field of FIXED_BY_CONTRACT) {
      if (terms[field] === earlier[field]) continue;
      const message = `must be ${earlier[field]} as in ${earlier.id}: ${field} is the same in all versions of a contract`;
      const hint = 'start a new contract instead';
      found.push({ file, path: ['terms', index, field], code: 'contract_changed', message, hint });
    }
    return found;
  });
}

function ruleFindings(file: string, path: FieldPath, terms: Terms): Finding[] {
  const ids = new Set(terms.rules.map((rule) => rule.id));
  const places = terms.rules.map((rule, index) => ({ id: rule.id, file, path: [...path, 'rules', index, 'id'] }));
  return [
    ...duplicates(places, 'rule'),
    ...terms.clawback.flatMap((clawback, index) =>
      (clawback.rules ?? []).flatMap((id, at) =>
        unknownIds(file, [...path, 'clawback', index, 'rules', at], [id], ids, 'rule'),
      ),
    ),
  ];
}

function whenFindings(
  file: string,
  path: FieldPath,
  when: When,
  known: KnownIds,
  links: ReadonlySet<string> | null,
  incomplete: CounterpartySet['incomplete'],
): Finding[] {
  const check = (field: 'products' | 'lenders' | 'funders', what: string) =>
    (when[field] ?? []).flatMap((id, at) => unknownIds(file, [...path, field, at], [id], known[field], what));
  // Links may also be made through the API, so an unknown code is only suspicious.
  const unknownLinks =
    links === null
      ? []
      : (when.links ?? []).flatMap((code, at) => unknownIds(file, [...path, 'links', at], [code], links, 'link'));
  return [
    ...(incomplete.has('lender') ? [] : [...check('products', 'product'), ...check('lenders', 'lender')]),
    ...(incomplete.has('funder') ? [] : check('funders', 'funder')),
    ...unknownLinks.map((finding) => ({ ...finding, severity: 'warning' as const })),
  ];
}

/** Marketing fees tied to the size of the loan are what regulators object to where the partner is no platform. */
function paidByLoanSize(file: string, path: FieldPath, terms: Terms): Finding[] {
  return terms.rules.flatMap((rule, index): Finding[] => {
    if (!isByPrincipal(rule)) return [];
    const message = 'a referral partner is paid by the size of the loan';
    const hint = 'regulators expect a fixed fee for marketing: use pay: { fixed: … }';
    const where = [...path, 'rules', index, 'pay'];
    return [{ file, path: where, code: 'referral_paid_by_loan_size', message, hint, severity: 'warning' }];
  });
}

function isByPrincipal({ pay }: Rule): boolean {
  if ('fixed' in pay) return false;
  return [pay.of ?? []].flat().includes('principal');
}

function immutableFindings(file: string, index: number, key: string, options: SetOptions): Finding[] {
  const priced = options.pricedTerms?.get(key);
  if (priced === undefined || priced === options.termsFingerprints?.get(key)) return [];
  const message = 'this version has priced commissions, so its content cannot change';
  const hint = 'put it back as it was, and add a version with a new id and a later from';
  return [{ file, path: ['terms', index, 'id'], code: 'terms_immutable', message, hint }];
}

/** What is pinned to a version that is gone cannot be priced: its events wait, parked, until the version is back. */
function missingFindings(file: string, party: { id: string; terms: readonly Terms[] }, options: SetOptions): Finding[] {
  const here = new Set(party.terms.map(({ id }) => termsKey(party.id, id)));
  const gone = [...(options.pricedTerms?.keys() ?? [])].filter(
    (key) => key.startsWith(termsKey(party.id, '')) && !here.has(key),
  );
  return gone.map((key): Finding => {
    const message = `${key.slice(termsKey(party.id, '').length)} has priced commissions and is missing`;
    const hint = 'put it back: what was accepted under it is still priced by it';
    return { file, path: ['terms'], code: 'terms_missing', message, hint, severity: 'warning' };
  });
}
