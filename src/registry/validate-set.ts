import type { CounterpartySet, Entry, KnownIds, SetOptions } from './counterparty-set.ts';
import { duplicates, unknownIds } from './reference-findings.ts';
import type { Finding } from './registry-problem.ts';
import type { Funder } from './schema/funder.ts';
import { isCalled, type Lender } from './schema/lender.ts';
import { validateChannels } from './validate-channels.ts';
import { validateKeys } from './validate-keys.ts';
import { validateOtp } from './validate-otp.ts';
import { validateProduct } from './validate-product.ts';
import { validateTerms } from './validate-terms.ts';
import { urlFault } from './validate-url.ts';
import { variantFaults } from './variant-faults.ts';

/** Checks what no single file can know: uniqueness, references, APR caps, versions, addresses, secrets. Pure. */
export function validateSet(set: CounterpartySet, options: SetOptions): Finding[] {
  const known = knownIds(set);
  return [
    ...validateIdentity(set),
    ...validateKeys(set, options),
    ...validateOtp(set, options),
    ...set.traffic.flatMap((entry) => [
      ...validateChannels(entry, options),
      ...validateTerms(entry, known, set.incomplete, options),
      ...entry.value.links.flatMap((link, index) =>
        set.incomplete.has('lender')
          ? []
          : unknownIds(entry.file, ['links', index, 'product'], [link.product], known.products, 'product'),
      ),
    ]),
    ...validateVariants(set),
    ...set.lenders.flatMap((entry) => validateLender(entry, set, known, options)),
    ...set.funders.flatMap((entry) => [
      ...validateTerms(entry, known, set.incomplete, options),
      ...validateTrusts(entry, set, known),
    ]),
    ...validateLinkCodes(set),
  ];
}

/** What links fill in must be what their products lend. */
function validateVariants({ traffic, lenders }: CounterpartySet): Finding[] {
  const products = new Map(
    lenders.flatMap(({ value }) => value.products.map((product) => [product.id, product] as const)),
  );
  return traffic.flatMap(({ file, value }) =>
    value.links.flatMap((link, index) => {
      const product = products.get(link.product);
      const faults = product === undefined ? [] : variantFaults(link.variants, product);
      return faults.map(({ path, ...fault }) => ({ file, path: ['links', index, ...path], ...fault }));
    }),
  );
}

function knownIds(set: CounterpartySet): KnownIds {
  return {
    products: new Set(set.lenders.flatMap((entry) => entry.value.products.map((product) => product.id))),
    lenders: new Set(set.lenders.map((entry) => entry.value.id)),
    funders: new Set(set.funders.map((entry) => entry.value.id)),
    payers: new Set(set.operator.value.legal_entities.map((entity) => entity.id)),
  };
}

function validateIdentity(set: CounterpartySet): Finding[] {
  const parties = [...set.traffic, ...set.lenders, ...set.funders];
  const folders = parties.flatMap((entry) =>
    entry.value.id === entry.folder
      ? []
      : [
          {
            file: entry.file,
            path: ['id'],
            code: 'id_not_folder',
            message: `id ${entry.value.id} is not the folder name ${entry.folder}`,
            hint: 'rename one of them',
          },
        ],
  );
  const entities = set.operator.value.legal_entities.map((entity, index) => ({
    id: entity.id,
    file: set.operator.file,
    path: ['legal_entities', index, 'id'],
  }));
  const products = set.lenders.flatMap(({ file, value }) =>
    value.products.map((product, index) => ({ id: product.id, file, path: ['products', index, 'id'] })),
  );
  return [
    ...folders,
    ...duplicates(
      parties.map((entry) => ({ id: entry.value.id, file: entry.file, path: ['id'] })),
      'counterparty',
    ),
    ...duplicates(products, 'product'),
    ...duplicates(entities, 'legal entity'),
  ];
}

function validateLinkCodes(set: CounterpartySet): Finding[] {
  const places = set.traffic.flatMap(({ file, value }) =>
    value.links.map((link, index) => ({ id: link.code, file, path: ['links', index, 'code'] })),
  );
  return duplicates(places, 'link');
}

function validateLender(entry: Entry<Lender>, set: CounterpartySet, known: KnownIds, options: SetOptions): Finding[] {
  const { file, value } = entry;
  const found: Finding[] = [];
  if (value.core === 'sandbox') {
    if (options.environment === 'live') {
      const message = 'the sandbox lender does not exist in live mode';
      found.push({ file, path: ['core'], code: 'sandbox_only', message, hint: 'give { url } of the lender’s core' });
    }
  } else if (isCalled(value.core)) {
    const fault = urlFault(value.core.url, options.environment);
    if (fault) found.push({ file, path: ['core', 'url'], code: 'url_not_allowed', message: fault });
  } else {
    found.push(...unaskableFindings(entry));
  }
  value.products.forEach((product, index) => {
    found.push(...validateProduct(file, ['products', index], product, options));
    if (set.incomplete.has('funder')) return;
    product.funders.forEach((funder, at) => {
      found.push(...unknownIds(file, ['products', index, 'funders', at], [funder], known.funders, 'funder'));
    });
  });
  return found;
}

/** Who fetches what is for it cannot be asked while somebody waits. */
function unaskableFindings({ file, value }: Entry<Lender>): Finding[] {
  const hint = 'give { url } of the lender’s core, or let our own records decide: local';
  const unaskable = (path: (string | number)[], what: string): Finding => {
    return {
      file,
      path,
      code: 'core_not_called',
      message: `${what} needs a core that is called; this one pulls`,
      hint,
    };
  };
  const precheck =
    value.precheck.mode === 'local' ? [] : [unaskable(['precheck', 'mode'], `mode ${value.precheck.mode}`)];
  const quotes = value.products.flatMap((product, index) =>
    product.quotes === 'lender' ? [unaskable(['products', index, 'quotes'], 'quotes: lender')] : [],
  );
  return [...precheck, ...quotes];
}

function validateTrusts(entry: Entry<Funder>, set: CounterpartySet, known: KnownIds): Finding[] {
  const { file, value } = entry;
  return value.trusts.flatMap((trust, index): Finding[] => {
    const path = ['trusts', index, 'funder'];
    if (trust.funder === value.id) {
      return [{ file, path, code: 'self_trust', message: 'a funder need not trust itself', hint: 'remove this entry' }];
    }
    return set.incomplete.has('funder') ? [] : unknownIds(file, path, [trust.funder], known.funders, 'funder');
  });
}
