import type { Action } from '../../applications/model.ts';
import { isoOf } from '../../base/clock.ts';
import type { Language } from '../../http/accept-language.ts';
import type { DoorContext } from '../../http/request-context.ts';
import type { ActionInput } from '../../intake/judge-action.ts';
import { partialApplicantSchema } from '../schemas/applicant-schema.ts';
import { FILE_MEGABYTES, FILE_PREFIX } from './action-form.ts';
import { consentsOf } from './agreements.ts';
import { userAgentOf } from './browser.ts';
import { codeOf, fieldFault } from './check-field.ts';
import { pageFields } from './page-fields.ts';
import { say, type TextName } from './page-texts.ts';
import { applicantOf, tickedOf, typedOf } from './read-form.ts';
import type { ReadPost } from './read-post.ts';
import type { ReferralDeps } from './referral-deps.ts';
import { agreementsOfAction, type LoadedResult } from './show-result.ts';
import { takeFiles } from './take-files.ts';

/** One answer to what the lender asks for. */
export interface Given {
  readonly c: DoorContext<never>;
  readonly deps: ReferralDeps;
  readonly result: LoadedResult;
  readonly action: Action;
  readonly language: Language;
  readonly post: ReadPost;
}

export type ReadAnswer =
  | { readonly ok: true; readonly input: ActionInput }
  /** By name of input, in words. */
  | { readonly ok: false; readonly faults: Readonly<Record<string, string>> };

/** Reads the answer to an action out of its form. Files are taken in when everything else is right. */
export async function readAnswer(given: Given): Promise<ReadAnswer> {
  const { action, language, post } = given;
  switch (action.type) {
    case 'otp': {
      const otp = codeOf(post.fields.get('otp') ?? '');
      const isCode = /^[0-9A-Za-z]{3,12}$/.test(otp);
      return isCode ? { ok: true, input: { otp } } : { ok: false, faults: { otp: say('otpNeeded', language) } };
    }
    case 'agree':
      return consented(given);
    case 'card': {
      const card = post.fields.get('card') ?? '';
      return card === ''
        ? { ok: false, faults: { card: say('chooseOne', language) } }
        : { ok: true, input: { card_id: card } };
    }
    case 'redirect':
      return { ok: true, input: { returned: true } };
    case 'supplement':
      return supplement(given);
  }
}

async function supplement({ deps, result, action, language, post }: Given): Promise<ReadAnswer> {
  const { currency } = result.product;
  const { fields = [], documents = [] } = action;
  const typed = typedOf(post.fields);
  const wanted = pageFields(fields, currency);
  const faults: Record<string, string> = {};
  for (const { name, check } of wanted) {
    const fault = fieldFault(check, typed[name] ?? '');
    if (fault !== undefined) faults[name] = say(fault, language);
  }
  const applicant = applicantOf(typed, wanted, currency);
  const parsed = partialApplicantSchema.safeParse(applicant);
  for (const issue of parsed.success ? [] : parsed.error.issues) {
    faults[issue.path.join('.')] ??= say('valueInvalid', language);
  }
  const taken = await takeFiles(
    deps,
    result.application.owner_id ?? '',
    documents,
    post.files,
    Object.keys(faults).length === 0,
  );
  for (const [kind, why] of Object.entries(taken.faults)) faults[`${FILE_PREFIX}${kind}`] = fileWords(why, language);
  if (Object.keys(faults).length > 0) return { ok: false, faults };
  return {
    ok: true,
    input: {
      ...(wanted.length > 0 ? { applicant } : {}),
      ...(documents.length > 0 ? { documents: taken.documents } : {}),
    },
  };
}

function fileWords(why: TextName, language: Language): string {
  return say(why, language, { n: FILE_MEGABYTES });
}

/** The boxes that were ticked, as consents given now; each text that is asked for has its own. */
export function consented({ c, deps, result, action, language, post }: Given): ReadAnswer {
  const agreements = agreementsOfAction(result, action);
  const ticked = tickedOf(post.fields, agreements);
  if (!agreements.every(({ document }) => ticked.has(document))) {
    return { ok: false, faults: { consent: say('consentNeeded', language) } };
  }
  const acceptedAt = isoOf(deps.page.clock.nowMs());
  const given = { acceptedAt, ip: deps.perimeter.addressOf(c), userAgent: userAgentOf(c) };
  return { ok: true, input: { consents: consentsOf(agreements, given) } };
}
