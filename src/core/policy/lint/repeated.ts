/** Items of a list that say nothing new: the same again, or a part of another. */
import type { PolicyDocument } from '../language/read-document.ts'
import type { Found, Rule } from './rule.ts'

export const repeated: Rule = {
  code: 'repeated',
  severity: 'note',
  sentence: 'an item stands twice in one list',
  check: ({ documents }) =>
    documents.flatMap((document) =>
      repeatsIn(document).map(({ item, path }): Found => {
        return { document, path, message: `\`${item}\` is in this list already`, removes: path }
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

type Repeat = { readonly item: string; readonly path: readonly PropertyKey[] }

/** In lists of texts, whose order and repetition mean nothing. Those of tests are the author's own. */
function repeatsIn(document: PolicyDocument): readonly Repeat[] {
  const found: Repeat[] = []
  if (document.kind !== 'PolicyTest') look(document.spec, ['spec'], found)
  return found
}

/** @param path of the value, which is lent, since there are few repeats and many values */
function look(value: unknown, path: PropertyKey[], found: Repeat[]): void {
  if (typeof value !== 'object' || value === null) return
  if (!isTexts(value)) {
    for (const [field, inner] of Array.isArray(value) ? value.entries() : Object.entries(value)) {
      if (typeof inner !== 'object') continue
      path.push(field)
      look(inner, path, found)
      path.pop()
    }
  } else if (value.length > 1) {
    const known = new Set<string>()
    for (const [index, item] of value.entries()) {
      if (known.has(item)) found.push({ item, path: [...path, index] })
      known.add(item)
    }
  }
}

const isTexts = (value: object): value is readonly string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string')
