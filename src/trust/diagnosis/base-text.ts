/** A signature base taken apart, so that it can be written as somebody else may have written it. */
export type BaseText = {
  readonly lines: readonly BaseLine[];
  /** Value of `@signature-params`; null = the line is left out. */
  readonly parameters: string | null;
  readonly lineEnd: string;
  readonly colon: string;
  readonly ending: string;
  readonly quoted: boolean;
};

export type BaseLine = {
  /** Component name without quotes and parameters. */
  readonly name: string;
  /** As in the signature base, for example `"content-digest";key="sha-256"`. */
  readonly identifier: string;
  readonly value: string;
};

/** One way in which a base is got wrong; `alter` gives the base that was signed then, or undefined where it cannot be. */
export type BaseMistake = {
  readonly mistake: string;
  /** A sentence that says what to change. */
  readonly hint: string;
  readonly alter: (base: BaseText) => BaseText | undefined;
  /** Seldom made together with another one, or there are too many like it to try pairs of them. */
  readonly alone?: boolean;
};

/** The base as RFC 9421 §2.5 has it. */
export function baseText(lines: readonly BaseLine[], parameters: string): BaseText {
  return { lines, parameters, lineEnd: '\n', colon: ': ', ending: '', quoted: true };
}

/** What is signed: characters up to U+00FF, each one byte. */
export function renderBase({ lines, parameters, lineEnd, colon, ending, quoted }: BaseText): string {
  const all = lines.map(({ identifier, value }) => `${identifier}${colon}${value}`);
  if (parameters !== null) all.push(`"@signature-params"${colon}${parameters}`);
  const text = all.map((line) => (quoted ? line : line.replace(/^"([^"]*)"/, '$1'))).join(lineEnd);
  return `${text}${ending}`;
}
