/** The member of a record that a dotted name such as `employment.status` stands for; undefined when there is none. */
export function memberAt(record: Readonly<Record<string, unknown>>, dottedName: string): unknown {
  return dottedName.split('.').reduce<unknown>(memberOf, record);
}

function memberOf(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Readonly<Record<string, unknown>>)[name];
}
