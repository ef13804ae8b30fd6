import type { AttributionCandidate, VerdictRule } from '../base/verdict.ts';
import type { WhyCode } from './why-codes.ts';

export type Language = 'en' | 'zh';

/** Whose something is, as far as the reader may know: the reader's, a named partner's, one that is not named, nobody's. */
export type Whose = 'yours' | 'other' | 'nobody' | { readonly partnerId: string };

/** A candidate as far as words need it. */
export interface Told {
  readonly kind: AttributionCandidate['touch']['kind'];
  readonly whose: Whose;
  readonly ageSeconds: number;
  readonly linkCode: string | null;
  readonly window: { readonly min_seconds: number; readonly max_days: number } | null;
  readonly why: string;
}

type Kind = Told['kind'];

const KINDS_EN: Readonly<Record<Kind, string>> = {
  claim: 'existing application',
  submission: 'own submission',
  click: 'click',
  handoff: 'hand-off',
  precheck: 'precheck',
};
const KINDS_ZH: Readonly<Record<Kind, string>> = {
  claim: '已有的申请',
  submission: '自行提交',
  click: '点击',
  handoff: '联合登录',
  precheck: '撞库',
};

function whoEn(whose: Whose): string {
  if (whose === 'yours') return 'you';
  if (whose === 'other') return 'another partner';
  return whose === 'nobody' ? 'nobody' : `partner ${whose.partnerId}`;
}

function whoZh(whose: Whose): string {
  if (whose === 'yours') return '您';
  if (whose === 'other') return '另一家渠道';
  return whose === 'nobody' ? '无人' : `渠道 ${whose.partnerId}`;
}

function possessiveEn(whose: Whose): string {
  if (whose === 'yours') return 'Your';
  if (whose === 'other') return 'Another partner’s';
  return whose === 'nobody' ? 'Nobody’s' : `Partner ${whose.partnerId}’s`;
}

/** What a candidate was, and when: the beginning of its sentence. */
export const SUBJECT_TEXTS: Readonly<Record<Language, (told: Told, age: string) => string>> = {
  en: ({ kind, whose, linkCode, ageSeconds }, age) => {
    const link = kind === 'click' && linkCode !== null ? ` on link ${linkCode}` : '';
    const when = kind === 'submission' ? '' : ageSeconds < 0 ? `, ${age} after the applicant came` : `, ${age} before`;
    return `${possessiveEn(whose)} ${KINDS_EN[kind]}${link}${when}`;
  },
  zh: ({ kind, whose, linkCode, ageSeconds }, age) => {
    const link = kind === 'click' && linkCode !== null ? `（链接 ${linkCode}）` : '';
    const when = kind === 'submission' ? '' : ageSeconds < 0 ? `，申请人到达后 ${age}` : `，${age}前`;
    return `${whoZh(whose)}的${KINDS_ZH[kind]}${link}${when}`;
  },
};

type WhyTexts = Readonly<Record<string, string>> & Readonly<Record<WhyCode | 'outside_window', string>>;

/** Why a candidate won or lost: the end of its sentence. `outside_window` stands in where the window may not be told. */
export const WHY_TEXTS: Readonly<Record<Language, WhyTexts>> = {
  en: {
    existing_claim:
      'the applicant already belonged to a partner at this lender, and that comes before everything else.',
    submitted_by: 'whoever submits an application by its own signed request comes before any click or hand-off.',
    first_touch: 'the first contact that counts, so it wins.',
    last_touch: 'the last contact that counts before the applicant came, so it wins.',
    older_touch: 'it would have counted, but there was a later contact that counts.',
    newer_touch: 'it would have counted, but there was an earlier contact that counts.',
    below_lookback: 'too short before the applicant came; at least {seconds} seconds are asked for.',
    above_lookback: 'too long before the applicant came; at most {days} days count.',
    outside_window: 'outside the time in which contacts count.',
    later_than_arrival: 'it came after the applicant did, so it did not bring them.',
    precheck_is_not_a_touch: 'asking whether somebody may apply brings nobody; a precheck never counts.',
    bot_click: 'made by a program, not by a person; such clicks never count.',
    entry_refused: 'the signature of the link was missing, wrong or expired, and this partner’s links must be signed.',
    partner_suspended: 'the partner was suspended, and brings nobody new while it is.',
    partner_terminated: 'the partner’s contract had ended.',
    partner_gone: 'the partner was no longer known.',
    not_counted: 'it did not count.',
  },
  zh: {
    existing_claim: '该申请人在这家机构已有归属，已有归属优先于其他一切。',
    submitted_by: '由渠道以自己的签名请求提交的申请，优先于任何点击或联合登录。',
    first_touch: '是最早的有效触点，因此归属于它。',
    last_touch: '是申请人到达之前最后的有效触点，因此归属于它。',
    older_touch: '本身有效，但之后还有有效触点。',
    newer_touch: '本身有效，但之前已有有效触点。',
    below_lookback: '距申请人到达太近；至少需间隔 {seconds} 秒。',
    above_lookback: '距申请人到达太久；最多 {days} 天内有效。',
    outside_window: '不在触点有效期之内。',
    later_than_arrival: '发生在申请人到达之后，并非由它带来。',
    precheck_is_not_a_touch: '询问能否申请并未带来申请人，撞库从不算触点。',
    bot_click: '由程序而非真人产生，此类点击从不计入。',
    entry_refused: '链接签名缺失、错误或已过期，而该渠道的链接必须签名。',
    partner_suspended: '该渠道当时已暂停，暂停期间不带来新申请人。',
    partner_terminated: '该渠道的合同当时已终止。',
    partner_gone: '该渠道当时已不存在。',
    not_counted: '未计入。',
  },
};

interface RuleTexts {
  who(whose: Whose): string;
  readonly rule: Readonly<
    Record<
      VerdictRule,
      (who: string, age: string | undefined, kind: Kind | null, model: 'first_valid' | 'last_valid') => string
    >
  >;
  others(count: number, isWon: boolean): string;
  terms(ids: readonly string[]): string;
}

/** The verdict itself. */
export const RULE_TEXTS: Readonly<Record<Language, RuleTexts>> = {
  en: {
    who: whoEn,
    rule: {
      claim: (who, age) =>
        who === 'nobody'
          ? 'Direct: the applicant was already at this lender without anybody having introduced them (step 1 of 4: an existing claim). Nobody is paid.'
          : `It goes to ${who}: the applicant already belonged there at this lender, since ${age} before they came (step 1 of 4: an existing claim).`,
      submission: (who) => `It goes to ${who}: submitted by an own signed request (step 2 of 4: who submitted it).`,
      touch: (who, age, kind, model) =>
        `It goes to ${who}: the ${kind === null ? 'contact' : KINDS_EN[kind]} ${age} before was the ${model === 'last_valid' ? 'last' : 'first'} contact that counts (step 3 of 4: a valid click or hand-off).`,
      direct: () => 'Direct: no contact that counts brought the applicant (step 4 of 4). Nobody is paid a commission.',
    },
    others: (count, isWon) =>
      count === 0
        ? ''
        : `${count} ${isWon ? 'other ' : ''}contact${count === 1 ? ' was' : 's were'} looked at; each says below why it ${isWon ? 'lost' : 'did not count'}.`,
    terms: (ids) => (ids.length === 0 ? '' : `Terms in force: ${ids.join(', ')}.`),
  },
  zh: {
    who: whoZh,
    rule: {
      claim: (who, age) =>
        who === '无人'
          ? '直接到达：该申请人在这家机构已有申请，且并非由任何渠道带来（四步中的第 1 步：已有归属）。不支付佣金。'
          : `归属于${who}：申请人到达前 ${age}起，在这家机构已归属于它（四步中的第 1 步：已有归属）。`,
      submission: (who) => `归属于${who}：由其签名请求提交（四步中的第 2 步：提交方）。`,
      touch: (who, age, kind, model) =>
        `归属于${who}：${age}前的${kind === null ? '触点' : KINDS_ZH[kind]}是${model === 'last_valid' ? '最后' : '最早'}的有效触点（四步中的第 3 步：有效点击或联合登录）。`,
      direct: () => '直接到达：没有有效触点带来该申请人（四步中的第 4 步）。不支付佣金。',
    },
    others: (count, isWon) =>
      count === 0 ? '' : `共考虑了${isWon ? '另外 ' : ' '}${count} 个触点，${isWon ? '落选' : '未计入'}原因见下。`,
    terms: (ids) => (ids.length === 0 ? '' : `适用合同版本：${ids.join('、')}。`),
  },
};
