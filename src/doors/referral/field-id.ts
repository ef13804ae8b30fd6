/** Id of the input of a field of the catalogue; of its fault `…-error`. */
export function idOf(name: string): string {
  return `f-${name.replaceAll('.', '-')}`;
}
