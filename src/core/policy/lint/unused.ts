/** What is written and leads to nothing: data that nobody may read, identities without access, teams without a test. */
import { ofKind } from '../language/link.ts'
import { type Found, type Rule, subjectsOf } from './rule.ts'

export const unreadDataset: Rule = {
  code: 'unread-dataset',
  severity: 'warning',
  sentence: 'nobody may read a dataset',
  check: (policy) => {
    const { bundle, documents, grants, now } = policy
    const read = new Set(
      grants.flatMap(({ grant }) => {
        const { effect, mode, actions, expiresAt } = grant
        const reads = effect === 'allow' && mode === 'enforce' && actions.includes('read')
        if (!reads || (expiresAt !== undefined && now >= expiresAt)) return []
        const clusters = new Set(subjectsOf(policy, grant).map(({ cluster }) => cluster))
        return grant.datasets.filter((name) => clusters.has(bundle.datasets.get(name)?.cluster ?? ''))
      }),
    )
    return ofKind(documents, 'Dataset').flatMap((document): Found[] => {
      const { name } = document.metadata
      if (read.has(name)) return []
      return [{ document, path: ['metadata', 'name'], message: `nobody may read dataset \`${name}\`` }]
    })
  },
}

export const idleIdentity: Rule = {
  code: 'idle-identity',
  severity: 'warning',
  sentence: 'no grant allows an identity anything',
  check: (policy) => {
    const { documents, grants, now } = policy
    const granted = new Set(
      grants.flatMap(({ grant }) => {
        const isOver = grant.expiresAt !== undefined && now >= grant.expiresAt
        return grant.effect === 'deny' || isOver ? [] : subjectsOf(policy, grant).map(({ name }) => name)
      }),
    )
    return ofKind(documents, 'Identity').flatMap((document): Found[] => {
      const { name } = document.metadata
      if (granted.has(name)) return []
      return [{ document, path: ['metadata', 'name'], message: `no grant allows identity \`${name}\` anything` }]
    })
  },
}

export const untestedTeam: Rule = {
  code: 'untested-team',
  severity: 'note',
  sentence: 'no PolicyTest has a case of any identity of a team',
  check: ({ bundle, documents }) => {
    const told = new Set(bundle.tests.flatMap(({ identity }) => bundle.identities.get(identity)?.team ?? []))
    return ofKind(documents, 'Identity').flatMap((document): Found[] => {
      const { team } = document.spec
      if (told.has(team)) return []
      told.add(team)
      return [
        { document, path: ['spec', 'team'], message: `no PolicyTest says what team \`${team}\` may do and what not` },
      ]
    })
  },
}

export const idleDelegation: Rule = {
  code: 'idle-delegation',
  severity: 'warning',
  sentence: 'a delegation lets a team write grants, and names no dataset for them',
  check: ({ bundle, documents }) =>
    ofKind(documents, 'Delegation').flatMap((document, index): Found[] => {
      const delegation = bundle.delegations[index]
      const isIdle = delegation?.kinds.includes('Grant') === true && delegation.datasets.length === 0
      if (!isIdle || document.spec.datasetSelector !== undefined) return []
      const message = `delegation \`${document.metadata.name}\` names no dataset, so its team can write no Grant`
      return [
        {
          document,
          path: ['spec'],
          part: 'key',
          message,
          hint: 'write `datasets` or a `datasetSelector`, or leave `Grant` out of `kinds`',
        },
      ]
    }),
}
