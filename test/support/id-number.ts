import { idNumberCheckCharacter } from '../../src/identity/normalise-id-number.ts';

/** The mainland id number that begins with these 17 digits. */
export function idNumberOf(first17: string): string {
  return first17 + idNumberCheckCharacter(first17);
}
