/** `138****8000`; a number of another country keeps its first three and last two characters. For display and logs. */
export function maskPhone(phone: string): string {
  const national = /^(?:\+86)?(1\d{10})$/.exec(phone)?.[1];
  if (national) return `${national.slice(0, 3)}****${national.slice(-4)}`;
  return maskMiddle(phone, 3, 2);
}

/** `张*`, `欧**`, `A*****`: the first character and at most five stars, so that the length of a long name is not told. */
export function maskName(name: string): string {
  const [first = '', ...rest] = [...name];
  return first + '*'.repeat(Math.min(rest.length, 5));
}

/** `110***********002X`: neither the birth date nor the district is told. */
export function maskIdNumber(idNumber: string): string {
  return maskMiddle(idNumber, 3, 4);
}

/** `**** 1234`: the last four digits of a card or an account. */
export function maskBankCard(number: string): string {
  return number.length > 4 ? `**** ${number.slice(-4)}` : '****';
}

/** Keeps a few characters at both ends when at least half of the text stays hidden; else hides it all. */
function maskMiddle(text: string, head: number, tail: number): string {
  if (text.length < 2 * (head + tail)) return '*'.repeat(text.length);
  return text.slice(0, head) + '*'.repeat(text.length - head - tail) + text.slice(-tail);
}
