import type { Language } from '../../http/accept-language.ts';
import { provinces } from './provinces.ts';

/** A text in both languages. */
export type Text = Readonly<Record<Language, string>>;

function text(en: string, zh: string): Text {
  return { en, zh };
}

/** What people read beside each input. */
export const fieldLabels: Readonly<Record<string, Text>> = {
  name: text('Name, as on your ID', '姓名（与身份证一致）'),
  id_number: text('ID number', '身份证号码'),
  phone: text('Mobile number', '手机号码'),
  otp: text('Code from the text message', '短信验证码'),
  amount: text('Amount', '借款金额'),
  term: text('Term', '借款期限'),
  purpose: text('Purpose', '借款用途'),
  email: text('E-mail', '电子邮箱'),
  'id_card.valid_from': text('ID card valid from', '身份证有效期起'),
  'id_card.valid_to': text(
    'ID card valid to (such as 2036-05-01, or: long)',
    '身份证有效期止（如 2036-05-01，长期有效请填“长期”）',
  ),
  'id_card.issuer': text('ID card issued by', '身份证签发机关'),
  'id_card.address': text('Address on the ID card', '身份证住址'),
  'id_card.ethnicity': text('Ethnicity on the ID card', '民族'),
  education: text('Education', '学历'),
  marital_status: text('Marital status', '婚姻状况'),
  'residence.region': text('Province of residence', '居住地省份'),
  'residence.address': text('Home address', '居住地址'),
  'employment.status': text('Occupation', '职业状况'),
  'employment.employer': text('Employer', '工作单位'),
  'employment.region': text('Province of work', '单位所在省份'),
  'employment.address': text('Address of work', '单位地址'),
  'employment.phone': text('Phone at work', '单位电话'),
  'employment.since': text('Working there since', '入职日期'),
  'income.monthly': text('Monthly income', '月收入'),
  'income.paid_by': text('How it is paid', '收入发放方式'),
  'assets.housing': text('Home', '房产'),
  'assets.car': text('Car', '车辆'),
  'assets.provident_fund': text('Provident fund', '公积金'),
  'assets.social_insurance': text('Social insurance', '社保'),
  'assets.credit_card': text('Credit card', '信用卡'),
  'contacts.0.relation': text('Contact: who it is to you', '联系人关系'),
  'contacts.0.name': text('Contact: name', '联系人姓名'),
  'contacts.0.phone': text('Contact: phone', '联系人电话'),
  'bank_card.number': text('Bank card number', '银行卡号'),
  'bank_card.bank_code': text('Bank code', '银行代码'),
  'bank_card.phone': text('Mobile number kept by the bank', '银行预留手机号'),
};

/** Choices of selects and what products name: purposes, repayments, fees, kinds of agreements. */
const choices: Readonly<Record<string, Text>> = {
  consumption: text('Daily spending', '日常消费'),
  education: text('Education', '教育培训'),
  renovation: text('Renovation', '装修'),
  travel: text('Travel', '旅游'),
  medical: text('Medical', '医疗'),
  other: text('Other', '其他'),
  junior: text('Junior secondary or less', '初中及以下'),
  secondary: text('Vocational secondary', '中专'),
  high_school: text('High school', '高中'),
  college: text('College', '大专'),
  bachelor: text('Bachelor', '本科'),
  master: text('Master', '硕士'),
  doctor: text('Doctor', '博士'),
  single: text('Single', '未婚'),
  married: text('Married', '已婚'),
  divorced: text('Divorced', '离异'),
  widowed: text('Widowed', '丧偶'),
  employed: text('Employed', '受雇'),
  self_employed: text('Self-employed', '个体经营'),
  business_owner: text('Business owner', '企业主'),
  public_servant: text('Public servant', '公务员/事业单位'),
  freelance: text('Freelance', '自由职业'),
  student: text('Student', '学生'),
  retired: text('Retired', '退休'),
  unemployed: text('Not working', '待业'),
  bank: text('By bank transfer', '银行转账'),
  cash: text('In cash', '现金'),
  mixed: text('Both', '转账和现金'),
  none: text('None', '无'),
  mortgaged: text('With a mortgage', '按揭'),
  owned: text('Owned', '全款'),
  yes: text('Yes', '有'),
  no: text('No', '无'),
  spouse: text('Spouse', '配偶'),
  parent: text('Parent', '父母'),
  child: text('Child', '子女'),
  sibling: text('Brother or sister', '兄弟姐妹'),
  relative: text('Relative', '亲属'),
  friend: text('Friend', '朋友'),
  colleague: text('Colleague', '同事'),
  equal_instalments: text('Equal instalments', '等额本息'),
  equal_principal: text('Equal principal', '等额本金'),
  interest_only: text('Interest monthly, principal at the end', '先息后本'),
  bullet: text('All at the end', '到期还本付息'),
  service: text('Service fee', '服务费'),
  guarantee: text('Guarantee fee', '担保费'),
  insurance: text('Insurance', '保险费'),
  membership: text('Membership', '会员费'),
  data_sharing: text('Passing on my personal information', '个人信息提供授权'),
  sensitive_data: text('Use of sensitive personal information', '敏感个人信息处理授权'),
  credit_inquiry: text('Credit inquiry authorisation', '征信查询授权书'),
  face: text('Use of my face image', '人脸信息处理授权'),
  marketing: text('Marketing messages', '营销信息接收授权'),
  card_debit: text('Debit authorisation', '代扣授权书'),
  loan_contract: text('Loan contract', '借款合同'),
};

/** What a document shows. */
const documents: Readonly<Record<string, Text>> = {
  id_front: text('ID card, side with the photo', '身份证人像面'),
  id_back: text('ID card, side with the emblem', '身份证国徽面'),
  face: text('Photo of your face', '本人面部照片'),
  face_video: text('Short video of your face', '本人面部视频'),
  employment_proof: text('Proof of employment', '工作证明'),
  income_proof: text('Proof of income', '收入证明'),
  signature: text('Your signature', '手写签名'),
  other: text('Further document', '其他材料'),
};

export function documentText(kind: string, language: Language): string {
  return documents[kind]?.[language] ?? kind;
}

/** A choice in words; one that is not in the table stands for itself. */
export function choiceText(value: string, language: Language): string {
  return (choices[value] ?? provinces[value])?.[language] ?? value;
}
