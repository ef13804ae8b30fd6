import { productAsAccepted } from '../../applications/product-as-accepted.ts';
import type { Language } from '../../http/accept-language.ts';
import { addLogFields, type DoorContext } from '../../http/request-context.ts';
import type { ActionResult } from '../../intake/action-result.ts';
import { answerAction } from '../../intake/answer-action.ts';
import { bindCard } from '../../intake/bind-card.ts';
import type { InputFault } from '../../intake/intake-deps.ts';
import { resendCode } from '../../intake/resend-code.ts';
import { FILE_PREFIX } from './action-form.ts';
import { lenderName } from './agreements.ts';
import { fieldFault } from './check-field.ts';
import { isForeign, UNPROCESSABLE } from './form-post.ts';
import { languageOf, noticePage } from './notice-page.ts';
import { pageFields } from './page-fields.ts';
import { say, type TextName } from './page-texts.ts';
import { consented, type Given, readAnswer } from './read-answer.ts';
import { tickedOf, typedOf } from './read-form.ts';
import { readPost } from './read-post.ts';
import type { ReferralDeps } from './referral-deps.ts';
import {
  agreementsOfAction,
  type LoadedResult,
  loadResult,
  openAction,
  type ResultChange,
  showResult,
} from './show-result.ts';

const FORBIDDEN = 403;
const NOT_FOUND = 404;
const UNAVAILABLE = 503;

/** A post of the result page's form. Whatever is wrong, the page comes back with it beside the input. */
export async function answerOnPage(c: DoorContext<never>, deps: ReferralDeps): Promise<Response> {
  if (isForeign(c, deps)) return noticePage(c, FORBIDDEN, 'foreign');
  const result = await loadResult(c, deps);
  if (result === undefined) return noticePage(c, NOT_FOUND, 'resultGone');
  const post = await readPost(c);
  const language = languageOf(c);
  const action = openAction(result.application, deps.page.clock.nowMs());
  if (action === undefined || action.id !== post.fields.get('action')) {
    return back(c, deps, result, { message: { text: say('actionOver', language), isBad: false } });
  }
  addLogFields(c, { application_id: result.application.id, action_id: action.id });
  const given = { c, deps, result, action, language, post };
  switch (post.fields.get('do')) {
    case 'resend':
      return resend(given);
    case 'bind':
      return bind(given);
    default:
      return answer(given);
  }
}

async function answer(given: Given): Promise<Response> {
  const { deps, result, action } = given;
  const read = await readAnswer(given);
  if (!read.ok) return wrong(given, read.faults);
  const product = productAsAccepted(result.application, result.product);
  const outcome = await answerAction(deps.page, result.application, action.id, read.input, product);
  return toldAs(given, outcome);
}

/** A new card; once it is bound, it is the one that the lender asked for. */
async function bind(given: Given): Promise<Response> {
  const { deps, result, action, language, post } = given;
  const typed = typedOf(post.fields);
  const faults: Record<string, string> = {};
  for (const { name, check } of pageFields(['bank_card.number', 'bank_card.phone'], result.product.currency)) {
    const fault = fieldFault(check, typed[name] ?? '');
    if (fault !== undefined) faults[name] = say(fault, language);
  }
  const consents = agreementsOfAction(result, { ...action, scene: 'card' }).length > 0 ? consented(given) : undefined;
  if (consents?.ok === false) Object.assign(faults, consents.faults);
  if (Object.keys(faults).length > 0) return wrong(given, faults);
  const product = productAsAccepted(result.application, result.product);
  const bound = await bindCard(deps.page, result.application, product, {
    number: typed['bank_card.number'] ?? '',
    phone: typed['bank_card.phone'] ?? '',
    consents: consents?.ok === true ? consents.input.consents : undefined,
  });
  if (bound.kind === 'refused') return wrong(given, { 'bank_card.number': words(given, 'actionRefused') });
  if (bound.kind === 'faults') return wrong(given, faultsOf(bound.faults, language));
  if (bound.kind !== 'card') return say422(given, 'actionRefused');
  if (bound.card.status !== 'active') return onward(given);
  const now = (await deps.page.store.load(result.application.id))?.application ?? result.application;
  return toldAs(given, await answerAction(deps.page, now, action.id, { card_id: bound.card.id }, product));
}

async function resend(given: Given): Promise<Response> {
  const { c, deps, result, action, language } = given;
  const resent = await resendCode(deps.page, result.application, action.id);
  switch (resent.kind) {
    case 'resent':
      return onward(given);
    case 'too_soon': {
      const text = say('otpWait', language, { n: resent.waitSeconds });
      return showResult(c, deps, result, { message: { text, isBad: true }, status: 429 });
    }
    case 'unavailable':
      return say422(given, 'lenderAway', UNAVAILABLE);
    case 'refused':
      return say422(given, 'otpLimited');
    default:
      return say422(given, 'actionOver');
  }
}

/** What an answer has come to, for the applicant. */
function toldAs(given: Given, outcome: ActionResult): Promise<Response> | Response {
  switch (outcome.kind) {
    case 'done':
      return onward(given);
    case 'faults':
      return wrong(given, faultsOf(outcome.faults, given.language));
    case 'refused':
      return given.action.type === 'otp'
        ? wrong(given, { otp: words(given, 'codeRefused') })
        : say422(given, 'actionRefused');
    case 'unavailable':
      return say422(given, 'lenderAway', UNAVAILABLE);
    case 'expired':
    case 'completed':
    case 'illegal':
      return back(given.c, given.deps, given.result, { message: { text: words(given, 'actionOver'), isBad: false } });
    case 'too_many':
      return say422(given, 'actionRefused');
  }
}

/** Back to the page by a GET, so that a reload sends nothing again. */
function onward({ result, language }: Given): Response {
  return new Response(null, {
    status: 303,
    headers: { location: result.address(language), 'cache-control': 'no-store' },
  });
}

function wrong(given: Given, faults: Readonly<Record<string, string>>): Promise<Response> {
  const { c, deps, result, action, post } = given;
  const ticked = tickedOf(post.fields, agreementsOfAction(result, action));
  return showResult(c, deps, result, { faults, typed: typedOf(post.fields), ticked, status: UNPROCESSABLE });
}

function say422(given: Given, why: TextName, status = UNPROCESSABLE): Promise<Response> {
  const { c, deps, result } = given;
  return showResult(c, deps, result, { message: { text: words(given, why), isBad: true }, status });
}

function words({ deps, result, language }: Given, why: TextName): string {
  return say(why, language, { lender: lenderName(deps.page.registry(), result.product) });
}

/** The page as it stands by now. */
async function back(
  c: DoorContext<never>,
  deps: ReferralDeps,
  { application }: LoadedResult,
  change: ResultChange,
): Promise<Response> {
  const now = await loadResult(c, deps);
  if (now === undefined) return noticePage(c, NOT_FOUND, 'resultGone');
  addLogFields(c, { application_id: application.id });
  return showResult(c, deps, now, change);
}

/** Faults of the intake beside the input that each points to. */
function faultsOf(faults: readonly InputFault[], language: Language): Readonly<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const { pointer, missing } of faults) {
    const [, root = '', ...path] = pointer.split('/');
    if (root === 'applicant') found[path.join('.')] = say('required', language);
    else if (root === 'consents') found.consent = say('consentNeeded', language);
    else if (root === 'card_id') found.card = say('chooseOne', language);
    else if (root === 'documents') {
      found[missing?.replace('documents.', FILE_PREFIX) ?? `${FILE_PREFIX}other`] = say('fileWanted', language);
    }
  }
  return found;
}
