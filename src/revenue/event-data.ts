type Data = Readonly<Record<string, unknown>>;

/** A whole number of an event's data. Throws TypeError otherwise: the event cannot be priced. */
export function integerOf(data: Data, name: string): number {
  const value = data[name];
  if (typeof value !== 'number' || !Number.isSafeInteger(value))
    throw new TypeError(`event data: ${name} is no integer`);
  return value;
}

/** A text of an event's data. Throws TypeError otherwise. */
export function textOf(data: Data, name: string): string {
  const value = data[name];
  if (typeof value !== 'string') throw new TypeError(`event data: ${name} is no text`);
  return value;
}

/** The text, null when there is none. */
export function optionalText(data: Data, name: string): string | null {
  const value = data[name];
  return typeof value === 'string' ? value : null;
}
