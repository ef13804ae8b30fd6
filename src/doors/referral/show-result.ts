import { consentParties } from '../../applications/consents/consent-parties.ts';
import { newestOpenAction } from '../../applications/lifecycle/actions.ts';
import { cardsOf } from '../../applications/lifecycle/cards.ts';
import type { Action, Application } from '../../applications/model.ts';
import { productAsAccepted } from '../../applications/product-as-accepted.ts';
import { msOf } from '../../base/clock.ts';
import type { Language } from '../../http/accept-language.ts';
import type { DoorContext } from '../../http/request-context.ts';
import type { RegisteredProduct } from '../../registry/registry.ts';
import type { ActionForm } from './action-form.ts';
import { lenderName, type PageAgreement } from './agreements.ts';
import { userAgentOf } from './browser.ts';
import { openResult } from './form-token.ts';
import { wayBack } from './handoff-form.ts';
import { languageOf } from './notice-page.ts';
import { deviceOf, wayOnward } from './onward.ts';
import type { FieldFaults, Typed } from './read-form.ts';
import type { ReferralDeps } from './referral-deps.ts';
import { type ResultView, resultPage } from './result-view.ts';
import { toldApplication } from './told-application.ts';

/** The application that a result's address names. */
export interface LoadedResult {
  readonly application: Application;
  readonly version: number;
  readonly product: RegisteredProduct;
  /** Sealed name of the application. */
  readonly token: string;
  /** Of this very page, without host. */
  readonly address: (language: Language) => string;
}

/** What was sent and came back, to be shown again. */
export interface ResultChange {
  readonly message?: ResultView['message'];
  readonly status?: number;
  readonly typed?: Typed;
  readonly faults?: FieldFaults;
  readonly ticked?: ReadonlySet<string>;
}

/** The application that the address names; undefined when it names none, or is too old. */
export async function loadResult(c: DoorContext<never>, deps: ReferralDeps): Promise<LoadedResult | undefined> {
  const token = c.req.query('t') ?? '';
  const id = openResult(deps.sealer, token);
  const loaded = id === undefined ? undefined : await deps.page.store.load(id);
  const product = loaded && deps.page.registry().products.get(loaded.application.product_id);
  if (loaded === undefined || product === undefined) return undefined;
  const code = encodeURIComponent(c.req.param('code') ?? '');
  const address = (language: Language): string => `/apply/${code}/result?t=${token}&lang=${language}`;
  return { ...loaded, product, token, address };
}

/** The page as things stand. @param change what an answer has come to */
export async function showResult(
  c: DoorContext<never>,
  deps: ReferralDeps,
  result: LoadedResult,
  change: ResultChange = {},
): Promise<Response> {
  const { application, version, product, address } = result;
  if (c.req.query('seen') === String(version)) {
    return new Response(null, { status: 204, headers: { 'cache-control': 'no-store' } });
  }
  const language = languageOf(c);
  const action = openAction(application, deps.page.clock.nowMs());
  return resultPage({
    registry: deps.page.registry(),
    application: await toldApplication(deps.page, application),
    version,
    product,
    language,
    address,
    action: action && formOf(deps, result, action, language, change),
    onward: onwardOf(c, result, language),
    back: wayBack(deps, application),
    message: change.message,
    status: change.status ?? 200,
  });
}

/** What the lender waits for, as long as it can be done. */
export function openAction(application: Application, nowMs: number): Action | undefined {
  const action = newestOpenAction(application);
  return action !== undefined && msOf(action.expires_at) > nowMs ? action : undefined;
}

/** The texts that an action asks to be agreed to: its own, else those of the product at its scene. */
export function agreementsOfAction(
  { application, product }: LoadedResult,
  { agreements, scene }: Action,
): PageAgreement[] {
  const accepted = productAsAccepted(application, product) ?? product;
  const listed = accepted.requirements.consents.filter(({ stage }) => stage === scene);
  const parties = consentParties(accepted, application);
  return (agreements ?? listed).map(({ kind, document, version, text_sha256, url }) => ({
    kind,
    document,
    version,
    textSha256: text_sha256,
    url: url ?? null,
    text: null,
    parties,
  }));
}

function formOf(
  deps: ReferralDeps,
  result: LoadedResult,
  action: Action,
  language: Language,
  { typed = {}, faults = {}, ticked = new Set() }: ResultChange,
): ActionForm {
  const { application, product, address } = result;
  const registry = deps.page.registry();
  return {
    registry,
    application,
    product,
    language,
    action,
    lender: lenderName(registry, product),
    address: address(language),
    agreements: agreementsOfAction(result, action),
    typed,
    faults,
    ticked,
    cards: cardsOf(application).filter(({ status }) => status === 'active'),
    takesFiles: deps.documentFiles !== null,
  };
}

function onwardOf(c: DoorContext<never>, result: LoadedResult, language: Language): ResultView['onward'] {
  const { application, product, address, token } = result;
  const way = wayOnward(product.onward, application, deviceOf(userAgentOf(c)));
  if (way === undefined) return undefined;
  const code = encodeURIComponent(c.req.param('code') ?? '');
  const handoff = `/apply/${code}/onward?t=${token}&lang=${language}`;
  // Whoever has come back, or has chosen to stay, is not sent away again.
  const isAutomatic = way.isAutomatic && c.req.query('stay') === undefined;
  return {
    ...way,
    isAutomatic,
    address: way.to === 'handoff' ? handoff : way.to,
    stayAddress: `${address(language)}&stay=1`,
  };
}
