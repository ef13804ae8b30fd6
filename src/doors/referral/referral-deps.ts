import type { DocumentFiles } from '../../applications/documents/document-files.ts';
import type { Door, DoorDeps } from '../../http/app.ts';
import type { Sealer } from '../../identity/seal.ts';
import type { PageDeps } from '../../intake/apply-on-page.ts';
import type { ClickDeps } from '../../intake/record-click.ts';
import type { ReturnDeps } from '../../intake/return-from-handoff.ts';
import type { OtpPort } from './otp-port.ts';
import type { PageDesk } from './page-desk.ts';

export type ReferralDoor = Door;

/** What the pages for people who follow links work with. */
export interface ReferralDeps extends DoorDeps {
  readonly click: ClickDeps;
  readonly page: PageDeps;
  readonly handoffs: ReturnDeps;
  /** Sends and checks one-time codes now; null = nobody does, and hosted pages take no applications. */
  readonly otp: OtpPort | null;
  /** Where what happens on hosted pages is counted. */
  readonly pages: PageDesk;
  /** Where files that applicants send lie; null = the pages take none. */
  readonly documentFiles: Pick<DocumentFiles, 'write' | 'exists' | 'remove'> | null;
  /** Seals what a form carries from post to post. */
  readonly sealer: Sealer;
}
