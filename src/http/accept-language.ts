export type Language = 'en' | 'zh';

/** The language of titles and pages that an `Accept-Language` value asks for (RFC 9110 §12.5.4); English when it asks for neither. */
export function acceptLanguage(value: string | null | undefined): Language {
  if (!value) return 'en';
  let best: Language = 'en';
  let bestWeight = 0;
  for (const part of value.split(',', MAX_RANGES)) {
    const [range = '', ...parameters] = part.trim().toLowerCase().split(';');
    const language = range.trim().split('-')[0];
    if (language !== 'zh' && language !== 'en') continue;
    const weight = weightOf(parameters);
    if (weight > bestWeight) {
      best = language;
      bestWeight = weight;
    }
  }
  return best;
}

/** The language of a page: `?lang=zh|en`, else what the browser prefers. */
export function pageLanguage(lang: string | undefined, accept: string | undefined): Language {
  return lang === 'zh' || lang === 'en' ? lang : acceptLanguage(accept);
}

const MAX_RANGES = 16;

function weightOf(parameters: readonly string[]): number {
  const text = parameters.map((parameter) => parameter.trim()).find((parameter) => parameter.startsWith('q='));
  if (text === undefined) return 1;
  const weight = Number(text.slice(2));
  return Number.isFinite(weight) ? weight : 0;
}
