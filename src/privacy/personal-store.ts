/** A place beside the sealed record that holds personal data of applications: photographs on disk, cards. */
export interface PersonalStore {
  /** As it stands in exports and answers, such as `documents`. */
  readonly name: string;
  /** What it holds of an application, opened, as JSON. */
  read(applicationId: string, actor: string): Promise<readonly unknown[]>;
  /** Erases it; doing so again changes nothing. @returns how many things were erased */
  erase(applicationId: string): Promise<number>;
}
