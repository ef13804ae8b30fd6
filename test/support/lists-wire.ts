import type { TestGateway } from './gateway.ts';
import type { Answer, PartnerClient } from './partner-door.ts';

/** What a client of the lists sends; each of them over HTTP. */
export interface ListsClient {
  contribute(...entries: readonly object[]): Promise<Answer>;
  withdraw(...entries: readonly object[]): Promise<Answer>;
  check(...subjects: readonly object[]): Promise<Answer>;
}

/** @param door `/v1`, `/lender/v1` or `/admin/v1` */
export function listsClient(client: PartnerClient, door: string): ListsClient {
  return {
    contribute: (...entries) => client.post(`${door}/lists/entries`, { entries }),
    withdraw: (...entries) => client.send('DELETE', `${door}/lists/entries`, { body: JSON.stringify({ entries }) }),
    check: (...subjects) => client.post(`${door}/lists/check`, { items: subjects.map((subject) => ({ subject })) }),
  };
}

/** Phone and id number of a person as two entries of one group. */
export function bothEntries(
  { phone, idNumber }: { readonly phone: string; readonly idNumber: string },
  group: string,
  more: object = {},
): object[] {
  const common = { list: 'block', scope: 'funder:harbour', reason: 'overdue', group, ...more };
  return [
    { subject: { phone }, ...common },
    { subject: { id_number: idNumber }, ...common },
  ];
}

/** What stands on the lists about a person, as operators see it. */
export async function entriesAbout(
  { operator }: Pick<TestGateway, 'operator'>,
  subject: object,
  // biome-ignore lint/suspicious/noExplicitAny: what came over the wire
): Promise<any[]> {
  const body = { subject, reason: 'a test' };
  const answer = await operator.post('/admin/v1/lists/entries/search', body);
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
  return answer.body.data;
}
