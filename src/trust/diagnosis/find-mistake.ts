import { createHash } from 'node:crypto';
import type { VerificationKey } from '../import-key.ts';
import type { CheckedRequest } from '../raw-request.ts';
import { isSignatureValid } from '../signature-value.ts';
import { baseMistakes } from './base-mistakes.ts';
import { type BaseMistake, type BaseText, renderBase } from './base-text.ts';
import { type SignatureWay, signatureWays } from './signature-ways.ts';

/** A mistake that explains a signature: with it, the signature verifies. */
export type FoundMistake = {
  readonly mistake: string;
  readonly hint: string;
  /** The base that was signed. */
  readonly base: string;
};

export type SignatureInQuestion = {
  readonly request: CheckedRequest;
  readonly base: BaseText;
  readonly key: VerificationKey;
  readonly signature: Buffer;
  /** What the signer says was signed. */
  readonly theirBase?: string;
  /** Other public names of the gateway. */
  readonly otherNames: readonly string[];
};

/** Signature checks for one request. With a public key each costs up to a tenth of a millisecond, an HMAC far less. */
const MAX_TRIALS = { publicKey: 400, secret: 4_000 };

/**
 * Tries the usual mistakes until the signature verifies: each alone, then those of the base together with a wrong way of
 * signing, then two of the base together. Undefined when none of them explains it.
 */
export function findMistake(question: SignatureInQuestion): FoundMistake | undefined {
  const { request, base, key, signature, theirBase, otherNames } = question;
  const ours = renderBase(base);
  const mistakes = baseMistakes(request, base, otherNames);
  const trials = new Trials(key, signature, ours);
  return (
    explainTheirs(theirBase, trials, mistakes, base) ??
    trials.waysOver(ours, undefined) ??
    first(mistakes, (one) => trials.right(altered(base, one), one)) ??
    trials.hashed(ours) ??
    first(mistakes.filter(isCommon), (one) => trials.waysOver(altered(base, one), one)) ??
    first(pairs(mistakes.filter(isCommon)), ([one, two]) => trials.right(alteredTwice(base, one, two), one, two))
  );
}

/**
 * With the base that was signed at hand, only how it was signed and what the difference is called are open. Somebody may
 * have copied it with a line end too many, or with those of another system.
 */
function explainTheirs(
  theirBase: string | undefined,
  trials: Trials,
  mistakes: readonly BaseMistake[],
  base: BaseText,
): FoundMistake | undefined {
  if (theirBase === undefined) return undefined;
  const other = { mistake: 'other_base', hint: 'Build the signature base as we do: first_difference shows the line.' };
  const copies = [theirBase, theirBase.replaceAll('\r\n', '\n'), theirBase.replaceAll('\r\n', '\n').trimEnd()];
  return first(new Set(copies), (copy) => {
    const known = mistakes.find((one) => altered(base, one) === copy) ?? other;
    return trials.right(copy, known) ?? (copy === renderBase(base) ? undefined : trials.waysOver(copy, known));
  });
}

type Named = { readonly mistake: string; readonly hint: string };

class Trials {
  private readonly key: VerificationKey;
  private readonly signature: Buffer;
  private readonly tried: Set<string>;
  private readonly ways: readonly SignatureWay[];
  private left: number;

  constructor(key: VerificationKey, signature: Buffer, ours: string) {
    this.key = key;
    this.signature = signature;
    this.tried = new Set([ours]);
    this.ways = signatureWays(key);
    this.left = key.alg === 'hmac-sha256' ? MAX_TRIALS.secret : MAX_TRIALS.publicKey;
  }

  /** The right way of signing, over a wrong base. */
  right(base: string | undefined, ...mistakes: readonly Named[]): FoundMistake | undefined {
    if (base === undefined || this.tried.has(base) || this.left === 0) return undefined;
    this.tried.add(base);
    this.left -= 1;
    return isSignatureValid(this.key, base, this.signature) ? explained(mistakes, base) : undefined;
  }

  /** Wrong ways of signing. */
  waysOver(base: string | undefined, mistake: Named | undefined): FoundMistake | undefined {
    if (base === undefined) return undefined;
    for (const way of this.ways) {
      if (this.left === 0) return undefined;
      this.left -= 1;
      if (way.verifies(base, this.signature)) return explained(mistake === undefined ? [way] : [mistake, way], base);
    }
    return undefined;
  }

  /** Libraries that sign a digest, given the digest of the base instead of the base: it is hashed twice. */
  hashed(base: string): FoundMistake | undefined {
    const hint = 'Sign the base itself: what was signed is its hash, or the hexadecimal text of its hash.';
    for (const hash of ['sha256', 'sha512']) {
      const digest = createHash(hash).update(base, 'latin1').digest();
      for (const encoding of ['latin1', 'hex', 'base64'] as const) {
        const found = this.right(digest.toString(encoding), { mistake: 'base_hashed', hint });
        if (found !== undefined) return { ...found, base };
      }
    }
    return undefined;
  }
}

function explained(mistakes: readonly Named[], base: string): FoundMistake {
  const [one, ...others] = mistakes;
  const hint = mistakes.map((mistake) => mistake.hint).join(' ');
  return { mistake: [one, ...others].map((mistake) => mistake?.mistake ?? '').join('+'), hint, base };
}

function altered(base: BaseText, mistake: BaseMistake): string | undefined {
  const text = mistake.alter(base);
  return text === undefined ? undefined : renderBase(text);
}

function alteredTwice(base: BaseText, one: BaseMistake, two: BaseMistake): string | undefined {
  const once = one.alter(base);
  const twice = once === undefined ? undefined : two.alter(once);
  return twice === undefined ? undefined : renderBase(twice);
}

function isCommon({ alone }: BaseMistake): boolean {
  return alone !== true;
}

function* pairs(mistakes: readonly BaseMistake[]): Generator<readonly [BaseMistake, BaseMistake]> {
  for (const [i, one] of mistakes.entries()) {
    for (const two of mistakes.slice(i + 1)) yield [one, two];
  }
}

function first<T>(items: Iterable<T>, attempt: (item: T) => FoundMistake | undefined): FoundMistake | undefined {
  for (const item of items) {
    const found = attempt(item);
    if (found !== undefined) return found;
  }
  return undefined;
}
