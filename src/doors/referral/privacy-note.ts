import { html } from 'hono/html';
import type { Language } from '../../http/accept-language.ts';
import type { LinkTarget } from '../../intake/find-link.ts';
import type { Registry } from '../../registry/registry.ts';
import { funderNames, lenderName } from './agreements.ts';
import type { Markup } from './page-shell.ts';
import { say } from './page-texts.ts';

/** Who receives what of the details that are asked for, each by name. */
export function privacyNote(registry: Registry, { product, partner }: LinkTarget, language: Language): Markup {
  const lender = lenderName(registry, product);
  const funders = funderNames(registry, product, language);
  const operator = registry.operator.legal_entities[0]?.legal_name ?? '';
  return html`<section><details><summary>${say('privacy', language)}</summary>
<ul class="plain"><li>${say('privacyOperator', language, { operator })}</li>
<li>${say('privacyLender', language, { lender, funders })}</li>
<li>${say('privacyPartner', language, { partner: partner.name })}</li>
<li>${say('privacyNobody', language)}</li></ul></details></section>`;
}
