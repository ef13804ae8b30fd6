import type { SubjectTokens } from '../applications/model.ts';
import type { ListKind, ListToken } from '../screening/lists/entry.ts';
import type { ListForms } from '../screening/lists/list-tokens.ts';

/**
 * The tokens of an application under which entries about its applicant stand, or may be contributed: those of forms that
 * lists are kept in. None for an application of which it is not known what its tokens are of.
 */
export function listedTokens({ claims, pointers, labels = [] }: SubjectTokens, forms: ListForms): ListToken[] {
  return [...claims, ...pointers].flatMap((token, at) => {
    const [kind, form] = (labels[at] ?? '').split('.');
    if (kind === 'phone_id' && !forms.phoneId) return [];
    const indexed = forms.hashes.find((one) => one === form);
    return indexed === undefined ? [] : [{ kind: kind as ListKind, form: indexed, token }];
  });
}
