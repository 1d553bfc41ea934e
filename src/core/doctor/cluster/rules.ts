/** Which requests the API server asks about: rules of webhooks and of policies are alike (`RuleWithOperations`, admissionregistration.k8s.io/v1). */
import { type JsonObject, textAt, textsAt } from '../../identity/json.ts'

/** Each operation on each resource that one list of rules holds and the other does not: `CREATE pods`. */
export function notAsked(wanted: readonly JsonObject[], found: readonly JsonObject[]): readonly string[] {
  return wanted.flatMap((rule) =>
    pairs(rule)
      .filter((pair) => !found.some((each) => covers(each, rule, pair)))
      .map(told),
  )
}

export const asked = (rules: readonly JsonObject[]): readonly string[] => rules.flatMap((rule) => pairs(rule).map(told))

type Pair = { readonly operation: string; readonly resource: string }

const told = ({ operation, resource }: Pair): string => `${operation} ${resource}`

const pairs = (rule: JsonObject): readonly Pair[] =>
  textsAt(rule, 'resources').flatMap((resource) =>
    textsAt(rule, 'operations').map((operation) => ({ operation, resource })),
  )

/** As the API server matches them: `*` is every resource and no subresource, `pods/*` every subresource of pods and not pods. */
function covers(found: JsonObject, wanted: JsonObject, { operation, resource }: Pair): boolean {
  const [name, part] = split(resource)
  const holds = (key: string, one: string) => textsAt(found, key).some((each) => each === '*' || each === one)
  return (
    holds('operations', operation) &&
    textsAt(found, 'resources').some((each) => {
      const [itsName, itsPart] = split(each)
      return (itsName === '*' || itsName === name) && (itsPart === '*' || itsPart === part)
    }) &&
    textsAt(wanted, 'apiGroups').every((group) => holds('apiGroups', group)) &&
    textsAt(wanted, 'apiVersions').every((version) => holds('apiVersions', version)) &&
    textsAt(found, 'resourceNames').length === 0 &&
    ['*', scopeOf(wanted)].includes(scopeOf(found))
  )
}

const split = (resource: string): readonly [string, string] => {
  const [name = '', part = ''] = resource.split('/')
  return [name, part]
}

const scopeOf = (rule: JsonObject): string => textAt(rule, 'scope') ?? '*'
