/** Items of a list that say nothing new: the same again, or a part of another. */
import type { PolicyDocument } from '../language/read-document.ts'
import type { Found, Rule } from './rule.ts'

export const repeated: Rule = {
  code: 'repeated',
  severity: 'note',
  sentence: 'an item stands twice in one list',
  check: ({ documents }) =>
    documents.flatMap((document) =>
      listsIn(document).flatMap(({ items, path }) => {
        const known = new Set<string>()
        return items.flatMap((item, index): Found[] => {
          const isKnown = known.has(item)
          known.add(item)
          if (!isKnown) return []
          const place = [...path, index]
          return [{ document, path: place, message: `\`${item}\` is in this list already`, removes: place }]
        })
      }),
    ),
}

export const implied: Rule = {
  code: 'implied',
  severity: 'note',
  sentence: 'a sub-path lies below another one of its list, or an identity belongs to a team of the same grant',
  check: ({ bundle, grants }) =>
    grants.flatMap(({ grant, document }) => {
      const { paths = [], identities = [] } = document.spec
      return [
        ...paths.flatMap((path, index): Found[] => {
          const outer = paths.find((other) => path.startsWith(`${other}/`))
          if (outer === undefined) return []
          return [
            {
              document,
              path: ['spec', 'paths', index],
              message: `\`${path}\` lies below \`${outer}\`, which is in this list`,
            },
          ]
        }),
        ...identities.flatMap((name, index): Found[] => {
          const team = bundle.identities.get(name)?.team ?? ''
          if (!grant.teams.includes(team)) return []
          return [
            {
              document,
              path: ['spec', 'identities', index],
              message: `\`${name}\` belongs to team \`${team}\`, which this grant is for`,
            },
          ]
        }),
      ]
    }),
}

type List = { readonly items: readonly string[]; readonly path: readonly PropertyKey[] }

/** Lists whose order and repetition mean nothing. Those of tests are the author's own. */
function listsIn(document: PolicyDocument): readonly List[] {
  return document.kind === 'PolicyTest' ? [] : below(document.spec, ['spec'])
}

function below(value: unknown, path: readonly PropertyKey[]): readonly List[] {
  if (Array.isArray(value)) {
    const texts = value.filter((item) => typeof item === 'string')
    return texts.length === value.length
      ? [{ items: texts, path }]
      : value.flatMap((item, at) => below(item, [...path, at]))
  }
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([field, inner]) => below(inner, [...path, field]))
}
