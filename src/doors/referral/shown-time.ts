import { DateTime } from 'luxon';
import type { Language } from '../../http/accept-language.ts';

/** An instant as people read it where the product is at home, and what that zone is called. */
export function shownTime(
  instant: string,
  timezone: string,
  language: Language,
): { readonly day: string; readonly minute: string; readonly zone: string } {
  const at = DateTime.fromISO(instant, { zone: timezone, locale: language === 'zh' ? 'zh-CN' : 'en-GB' });
  const day = at.toFormat(language === 'zh' ? 'yyyy年M月d日' : 'd LLL yyyy');
  return { day, minute: `${day} ${at.toFormat('HH:mm')}`, zone: at.offsetNameLong ?? timezone };
}
