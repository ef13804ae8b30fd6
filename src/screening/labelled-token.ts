import type { Token, TokenForm, TokenKind } from '../identity/token.ts';

/** A token with what it is of. */
export interface LabelledToken {
  readonly kind: TokenKind;
  readonly form: TokenForm;
  readonly token: Token;
}

/** `phone.sha256:Kx…`: how a labelled token is stored. Tokens are base64url, so nothing needs escaping. */
export function writeToken({ kind, form, token }: LabelledToken): string {
  return `${kind}.${form}:${token}`;
}

/** Reads what `writeToken` wrote; undefined when it is something else. */
export function readToken(text: string): LabelledToken | undefined {
  const [, kind, form, token] = /^([a-z_]+)\.([a-z0-9]+):([\w-]+)$/.exec(text) ?? [];
  if (kind === undefined || form === undefined || token === undefined) return undefined;
  return { kind: kind as TokenKind, form: form as TokenForm, token };
}
