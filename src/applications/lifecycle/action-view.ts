import type { Action, NextAction } from '../model.ts';

/** An action as the contract shows it: what waits for it is told by where it stands. */
export function actionView(action: Action | undefined): NextAction | null {
  if (action === undefined) return null;
  const { id, type, scene, fields, documents, verifications, agreements, url, sent_to, message, expires_at } = action;
  const told = { fields, documents, verifications, agreements, url, sent_to, message };
  const given = Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined));
  return { id, type, scene, ...given, expires_at };
}
