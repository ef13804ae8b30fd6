import { html } from 'hono/html';
import type { Language } from '../../http/accept-language.ts';
import { idOf } from './field-id.ts';
import { choiceText, fieldLabels } from './field-labels.ts';
import type { PageField } from './page-fields.ts';
import type { Markup } from './page-shell.ts';
import { say } from './page-texts.ts';
import type { FieldFaults, Typed } from './read-form.ts';

/** What inputs show: what was typed, and what is wrong with it. */
export interface InputsView {
  readonly language: Language;
  readonly typed: Typed;
  readonly faults: FieldFaults;
  /** What is known already, masked, by name of input: it may stay empty. */
  readonly known?: Readonly<Record<string, string>>;
}

/** An input with its label, its hint and what is wrong with it. */
export function field(view: InputsView, name: string, input: Markup, hint?: string): Markup {
  const error = view.faults[name];
  const id = idOf(name);
  return html`<div class="field"><label for="${id}">${labelOf(name, view.language)}</label>
${input}
${hint === undefined ? '' : html`<p class="hint" id="${id}-hint">${hint}</p>`}
${error === undefined ? '' : html`<p class="error" id="${id}-error">${error}</p>`}</div>`;
}

/** The only choice is made already. @param options value and words of each */
export function select(view: InputsView, name: string, options: readonly (readonly [string, string])[]): Markup {
  const chosen = view.typed[name] ?? (options.length === 1 ? options[0]?.[0] : '');
  return html`<select ${attributes(view, name)}><option value="">${say('choose', view.language)}</option>${options.map(
    ([value, text]) => html`<option value="${value}"${value === chosen ? html` selected` : ''}>${text}</option>`,
  )}</select>`;
}

/** @param hintId of what else describes the input, beside what is wrong with it */
export function attributes({ faults, known }: InputsView, name: string, hintId = ''): Markup {
  const id = idOf(name);
  const hasFault = faults[name] !== undefined;
  const described = [hintId, hasFault ? `${id}-error` : ''].filter((part) => part !== '').join(' ');
  return html`id="${id}" name="${name}"${known?.[name] === undefined ? html` required` : ''}${hasFault ? html` aria-invalid="true"` : ''}${described === '' ? '' : html` aria-describedby="${described}"`}`;
}

/** The input of a field of the catalogue. */
export function catalogueInput(view: InputsView, extra: PageField, currency: string): Markup {
  const { name, kind, options, autocomplete, check } = extra;
  if (kind === 'select' || kind === 'yes_no') {
    const choices = options.map((option): [string, string] => [option, choiceText(option, view.language)]);
    return field(view, name, select(view, name, choices));
  }
  const type = kind === 'money' ? 'text' : kind;
  const mode =
    kind === 'money'
      ? 'decimal'
      : kind === 'tel' || kind === 'email'
        ? kind
        : check.kind === 'bank_card'
          ? 'numeric'
          : 'text';
  const max = check.kind === 'text' ? check.max : INPUT_MAX;
  const input = html`<input ${attributes(view, name, kind === 'money' ? `${idOf(name)}-hint` : '')} type="${type}" inputmode="${mode}" autocomplete="${autocomplete}" maxlength="${max}" value="${view.typed[name] ?? ''}">`;
  return field(view, name, input, kind === 'money' ? currency : undefined);
}

export function labelOf(name: string, language: Language): string {
  return name === 'consent' ? say('agreements', language) : (fieldLabels[name]?.[language] ?? name);
}

const INPUT_MAX = 254;
