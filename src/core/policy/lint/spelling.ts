/** Names that look like others: to HDFS two spellings of one letter are two directories. */
import { show } from '../language/complaints.ts'
import type { PolicyDocument } from '../language/read-document.ts'
import type { Found, Rule } from './rule.ts'

export const notNfc: Rule = {
  code: 'not-nfc',
  severity: 'warning',
  sentence: 'a path is not in the usual form of Unicode, NFC: one that looks the same is another directory to HDFS',
  check: ({ documents }) =>
    documents.flatMap((document) =>
      pathsIn(document).flatMap(({ text, path }): Found[] => {
        if (text === text.normalize('NFC')) return []
        // Which of the two is there, only HDFS knows: written the other way, a grant would be about another directory.
        const hint =
          'if the directory is spelled the usual way, write it so; it is not done for you, since it changes what is meant'
        return [{ document, path, message: `${show(text)} is not NFC`, hint }]
      }),
    ),
}

/** Left-to-right marks, joiners, zero-width spaces: nothing that one sees. */
const INVISIBLE = /\p{Cf}|\u115f|\u1160|\u3164|\uffa0/u
/** Scripts that have letters which look like Latin ones. */
const LOOKALIKES = /\p{Script=Cyrillic}|\p{Script=Greek}|\p{Script=Armenian}|\p{Script=Cherokee}/u

export const misleading: Rule = {
  code: 'misleading',
  severity: 'warning',
  sentence:
    'a path or a `reason` has characters that nobody sees, or a path mixes letters of two alphabets in one name',
  check: ({ documents }) =>
    documents.flatMap((document) => [
      ...pathsIn(document).flatMap(({ text, path }): Found[] => {
        const mixed = text.split('/').find((name) => /\p{Script=Latin}/u.test(name) && LOOKALIKES.test(name))
        if (INVISIBLE.test(text)) return [{ document, path, message: `${show(text)} has characters that nobody sees` }]
        if (mixed === undefined) return []
        return [{ document, path, message: `${show(mixed)} mixes letters of two alphabets` }]
      }),
      ...reasonIn(document),
    ]),
}

function reasonIn(document: PolicyDocument): readonly Found[] {
  const reason = document.kind === 'Grant' ? document.spec.reason : undefined
  if (reason === undefined || !INVISIBLE.test(reason)) return []
  return [{ document, path: ['spec', 'reason'], message: `${show(reason)} has characters that nobody sees` }]
}

type Text = { readonly text: string; readonly path: readonly PropertyKey[] }

/** Tests may ask for whatever they like. */
function pathsIn(document: PolicyDocument): readonly Text[] {
  switch (document.kind) {
    case 'Dataset': {
      const { prefixes, protect } = document.spec
      return [...each(prefixes, 'prefixes'), ...each(Array.isArray(protect) ? protect : [], 'protect')]
    }
    case 'Grant':
      return each(document.spec.paths, 'paths')
    case 'Delegation':
      return each(document.spec.prefixes, 'prefixes')
    case 'Identity':
      return [{ text: document.spec.home, path: ['spec', 'home'] }]
    default:
      return []
  }
}

const each = (texts: readonly string[] = [], field: string): readonly Text[] =>
  texts.map((text, index) => ({ text, path: ['spec', field, index] }))
