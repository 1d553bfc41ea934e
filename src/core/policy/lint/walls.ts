/** Holes in the wall between two teams: one keytab for both, or one pod that may choose. */
import { type Of, ofKind } from '../language/link.ts'
import type { Found, Rule } from './rule.ts'

export const sharedKeytab: Rule = {
  code: 'shared-keytab',
  severity: 'warning',
  sentence: 'identities of two teams have one principal in one realm, or one keytab: HDFS cannot tell the teams apart',
  check: ({ documents }) => {
    const known = new Map<string, Of<'Identity'>>()
    return ofKind(documents, 'Identity').flatMap((document) =>
      (['principal', 'secret'] as const).flatMap((field): Found[] => {
        const value = document.spec[field]
        const before = known.get(`${field} ${value}`)
        known.set(`${field} ${value}`, before ?? document)
        if (before === undefined || before.spec.team === document.spec.team) return []
        const message = `${field} \`${value}\` is also that of identity \`${before.metadata.name}\` of team \`${before.spec.team}\``
        return [{ document, path: ['spec', field], message }]
      }),
    )
  },
}

export const podsOfTwoTeams: Rule = {
  code: 'pods-of-two-teams',
  severity: 'note',
  sentence: 'pods of one service account may use identities of two teams, and so choose whose data they see',
  check: ({ documents }) => {
    const known = new Map<string, Of<'Identity'>>()
    return ofKind(documents, 'Identity').flatMap((document) =>
      document.spec.allowedFor.flatMap(({ namespace, serviceAccounts }, index) =>
        serviceAccounts.flatMap((account, at): Found[] => {
          if (namespace === undefined) return []
          const key = `${namespace} ${account}`
          const before = known.get(key)
          known.set(key, before ?? document)
          if (before === undefined || before.spec.team === document.spec.team) return []
          const message = `pods of \`${account}\` in \`${namespace}\` may also use \`${before.metadata.name}\` of team \`${before.spec.team}\``
          return [{ document, path: ['spec', 'allowedFor', index, 'serviceAccounts', at], message }]
        }),
      ),
    )
  },
}
