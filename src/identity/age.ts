/** Formatters are dear to make (~50 µs) and few: one a time zone. */
const formatters = new Map<string, Intl.DateTimeFormat>();

/**
 * Age in completed years at an instant, by the calendar of a time zone. A birthday counts from its first moment; who was
 * born on 29 February turns a year older on 1 March of a common year.
 *
 * @param birthDate `YYYY-MM-DD`
 * @param at instant, milliseconds since 1970
 * @param timeZone IANA name, e.g. `Asia/Shanghai`
 * @throws RangeError when the time zone is unknown
 */
export function ageAt(birthDate: string, at: number, timeZone: string): number {
  const today = dateIn(at, timeZone);
  const years = Number(today.slice(0, 4)) - Number(birthDate.slice(0, 4));
  return today.slice(5) < birthDate.slice(5) ? years - 1 : years;
}

/** Age in completed years of the holder of a normalised mainland id number (18 characters, or its first 14). */
export function ageOfIdNumber(idNumber: string, at: number, timeZone: string): number {
  return ageAt(`${idNumber.slice(6, 10)}-${idNumber.slice(10, 12)}-${idNumber.slice(12, 14)}`, at, timeZone);
}

/** The calendar date of an instant in a time zone, `YYYY-MM-DD`. */
function dateIn(at: number, timeZone: string): string {
  let formatter = formatters.get(timeZone);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
    formatters.set(timeZone, formatter);
  }
  return formatter.format(at);
}
