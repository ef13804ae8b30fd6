import { HOUR_MS } from '../../base/clock.ts';
import type { DocumentContentType } from './sniff-content-type.ts';

/** The largest file that is taken. */
export const DOCUMENT_MAX_BYTES = 10 * 1024 * 1024;

/** How long an upload waits for an application that uses it, in business time. */
export const UPLOAD_LIFETIME_MS = 24 * HOUR_MS;

/** A file about an applicant, as it is known without its bytes. */
export interface StoredDocument {
  readonly id: string;
  /** Who sent it in. */
  readonly partnerId: string;
  /** One of the contract's kinds, such as `id_front`. */
  readonly kind: string;
  /** Of the plain bytes, lower-case hex. */
  readonly sha256: string;
  readonly contentType: DocumentContentType;
  readonly bytes: number;
  /** Business time at which it ends unless an application uses it by then, epoch ms. */
  readonly expiresMs: number;
}
