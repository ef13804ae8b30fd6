import { luhnDigit } from '../identity/normalise-bank-card.ts';
import { idNumberCheckCharacter } from '../identity/normalise-id-number.ts';
import { createRandom } from './random.ts';

/** An invented applicant whose identifiers pass every check. */
export type Person = {
  name: string;
  idNumber: string;
  /** National form, 11 digits. */
  phone: string;
  bankCard: { number: string; bankCode: string };
  /** `YYYY-MM-DD` */
  birthDate: string;
  sex: 'male' | 'female';
  /** GB/T 2260 code of the district where the id number was issued. */
  region: string;
};

export type People = {
  /**
   * The next person; nobody shares a phone or an id number with an earlier one.
   * @param options.phoneSuffix the phone's last four digits, which choose what the sandbox lender does
   * @throws RangeError when the suffix is not four digits
   */
  next(options?: { phoneSuffix?: string }): Person;
};

const DAY_MS = 86_400_000;
const YEAR_DAYS = 365.2425;
/** Ages stay two weeks clear of both bounds, so that no time zone or leap day moves anybody over one. */
const AGE_MIN = 20;
const AGE_MAX = 50;
const MARGIN_DAYS = 14;
/** The sandbox lender gives phones ending in 0000–0099 a part to play; who was not cast gets another ending. */
const PLAIN_SUFFIX_MIN = 100;

const SURNAMES = [
  ...'王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余杜叶程魏苏吕丁沈任姚',
];
const MALE_NAMES =
  '伟 强 磊 军 洋 勇 杰 涛 明 超 浩然 子轩 宇航 建国 志强 俊杰 文博 天佑 家豪 思远 立新 海波 晓东 振华'.split(' ');
const FEMALE_NAMES =
  '芳 娜 敏 静 丽 艳 娟 霞 婷 雪 欣怡 雨桐 诗涵 佳琪 梦洁 思雨 晓燕 丽华 秀英 玉兰 春梅 若曦 嘉怡 慧敏'.split(' ');

/** GB/T 2260 districts of capitals and large cities. */
const REGIONS = (
  '110101 110105 110108 120101 130102 140105 150102 210102 220102 230102 310104 310115 320102 320505 330102 340102 350102 ' +
  '360102 370102 410102 420102 430102 440103 440305 450102 460105 500103 510104 520102 530102 610102 620102 630102 640104'
).split(' ');

const PHONE_PREFIXES =
  '133 135 136 137 138 139 150 151 152 157 158 159 176 177 178 182 185 186 187 188 189 191 198 199'.split(' ');

const BANKS = [
  { bin: '622202', bankCode: 'ICBC' },
  { bin: '621700', bankCode: 'CCB' },
  { bin: '622848', bankCode: 'ABC' },
  { bin: '621661', bankCode: 'BOC' },
  { bin: '622588', bankCode: 'CMB' },
] as const;

/** Invents people from a seed: the same seed and date give the same people in the same order. Aged 20 to 50 at `now`. */
export function createPeople(seed: string, now: Date): People {
  const random = createRandom(seed);
  const phones = new Set<string>();
  const idNumbers = new Set<string>();

  return {
    next(options = {}) {
      const sex = random.integer(0, 1) === 0 ? 'male' : 'female';
      const region = random.pick(REGIONS);
      const birthDate = drawBirthDate(now, random.integer);
      const idNumber = unique(idNumbers, () => {
        const order = random.integer(0, 99) * 10 + random.integer(0, 4) * 2 + (sex === 'male' ? 1 : 0);
        const first17 = region + birthDate.replaceAll('-', '') + String(order).padStart(3, '0');
        return first17 + idNumberCheckCharacter(first17);
      });
      const phone = unique(phones, () => drawPhone(random, options.phoneSuffix));
      const name = random.pick(SURNAMES) + random.pick(sex === 'male' ? MALE_NAMES : FEMALE_NAMES);
      const bank = random.pick(BANKS);
      const card = bank.bin + String(random.integer(0, 999_999_999_999)).padStart(12, '0');
      return {
        name,
        idNumber,
        phone,
        bankCard: { number: card + luhnDigit(card), bankCode: bank.bankCode },
        birthDate,
        sex,
        region,
      };
    },
  };
}

function drawBirthDate(now: Date, integer: (min: number, max: number) => number): string {
  const youngest = Math.ceil(AGE_MIN * YEAR_DAYS) + MARGIN_DAYS;
  const oldest = Math.floor((AGE_MAX + 1) * YEAR_DAYS) - MARGIN_DAYS;
  return new Date(now.getTime() - integer(youngest, oldest) * DAY_MS).toISOString().slice(0, 10);
}

function drawPhone(random: ReturnType<typeof createRandom>, phoneSuffix: string | undefined): string {
  if (phoneSuffix !== undefined && !/^\d{4}$/.test(phoneSuffix)) {
    throw new RangeError('phoneSuffix must be four digits, such as "0005".');
  }
  const suffix = phoneSuffix ?? String(random.integer(PLAIN_SUFFIX_MIN, 9999)).padStart(4, '0');
  return random.pick(PHONE_PREFIXES) + String(random.integer(0, 9999)).padStart(4, '0') + suffix;
}

/** Draws until something new comes; the spaces drawn from are far larger than any demo. */
function unique(taken: Set<string>, draw: () => string): string {
  for (let attempt = 0; attempt < 10_000; attempt += 1) {
    const drawn = draw();
    if (!taken.has(drawn)) {
      taken.add(drawn);
      return drawn;
    }
  }
  throw new RangeError('No identity is left that was not given out; use another seed or fewer people.');
}
