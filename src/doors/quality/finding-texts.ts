import type { QualityCode } from '../../attribution/quality/finding.ts';
import type { Language } from '../../http/accept-language.ts';

/** What each finding says, to whoever sends the traffic. */
const TEXTS: Readonly<Record<QualityCode, Readonly<Record<Language, string>>>> = {
  click_flood: {
    en: 'Far more clicks in an hour than this link has at that time of the week.',
    zh: '单小时点击数远高于该链接每周同一时段的水平。',
  },
  repeat_clicks: {
    en: 'Most clicks of the day come from a few addresses, or the same visitors click over and over.',
    zh: '当日点击大多来自少数几个地址，或同一访客反复点击。',
  },
  data_centre_traffic: {
    en: 'Many clicks come from data centres, where programs run rather than people browse.',
    zh: '大量点击来自数据中心机房，多为程序而非真人访问。',
  },
  too_quick: {
    en: 'Many applications come sooner after their click than a person can fill in the form.',
    zh: '大量申请距点击的时间过短，真人来不及填写。',
  },
  too_late: {
    en: 'Many applications come more than 24 hours after their click, as if somebody had clicked for people who did not.',
    zh: '大量申请晚于点击 24 小时以上，疑似点击并非申请人本人所为。',
  },
  low_conversion: {
    en: 'Next to none of the clicks come to an application, or far fewer than before.',
    zh: '点击几乎没有转化为申请，或转化率远低于以往。',
  },
  high_rejection: {
    en: 'More of the applicants are turned down than before.',
    zh: '申请被拒比例高于以往。',
  },
  operator_hold: {
    en: 'We have switched billing of clicks off for this link; the reason is given.',
    zh: '我方已暂停该链接的点击计费，原因见说明。',
  },
};

export function findingText(code: QualityCode, language: Language): string {
  return TEXTS[code][language];
}
