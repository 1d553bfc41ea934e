/** Whether the API server asks us about every pod with an identity, and refuses such a pod when nobody answers. */
import { type JsonObject, objectAt, objectsAt, sameJson, textAt } from '../../identity/json.ts'
import { ok, type Said } from '../finding.ts'
import { applyFile, type ClusterObjects, named, nameOf, ofKind, replaceFile } from './objects.ts'
import { asked, notAsked } from './rules.ts'
import { isEmpty, selects } from './selector.ts'

const APPLY = applyFile('50-admission.yaml')
const REPLACE = replaceFile('50-admission.yaml')

export function lookAtWebhooks(
  expected: readonly JsonObject[],
  {
    mutatingWebhooks,
    validatingWebhooks,
    namespaces,
  }: Pick<ClusterObjects, 'mutatingWebhooks' | 'validatingWebhooks' | 'namespaces'>,
): readonly Said[] {
  const pairs = [
    ...ofKind(expected, 'MutatingWebhookConfiguration').map((wanted) => ({ wanted, live: mutatingWebhooks })),
    ...ofKind(expected, 'ValidatingWebhookConfiguration').map((wanted) => ({ wanted, live: validatingWebhooks })),
  ]
  return pairs.flatMap(({ wanted, live }) => {
    const about = `${nameOf(wanted)}`
    const found = named(live, about)
    if (found === undefined) {
      return [fail(about, `there is no ${textAt(wanted, 'kind')} of that name: pods are not looked at`, APPLY)]
    }
    const said = objectsAt(wanted, 'webhooks').flatMap((webhook) => lookAtWebhook(webhook, found, namespaces))
    return said.length > 0 ? said.map((one) => ({ ...one, about })) : [ok(allIsWell(wanted), about)]
  })
}

function lookAtWebhook(
  wanted: JsonObject,
  configuration: JsonObject,
  namespaces: readonly JsonObject[],
): readonly Said[] {
  const name = textAt(wanted, 'name') ?? ''
  const found = objectsAt(configuration, 'webhooks').find((each) => textAt(each, 'name') === name)
  if (found === undefined) return [fail(name, `it has no webhook \`${name}\``, APPLY)]
  return [
    ...failurePolicy(found),
    ...scope(wanted, found, namespaces),
    ...rules(wanted, found),
    ...reinvocation(wanted, found),
  ]
}

function failurePolicy(found: JsonObject): readonly Said[] {
  const policy = textAt(found, 'failurePolicy') ?? 'Fail'
  if (policy === 'Fail') return []
  const says = `failurePolicy is ${policy}: while no webhook answers, pods run without their sidecar`
  return [fail('', says, APPLY)]
}

function scope(wanted: JsonObject, found: JsonObject, namespaces: readonly JsonObject[]): readonly Said[] {
  const said: Said[] = []
  if (!sameJson(objectAt(wanted, 'objectSelector'), objectAt(found, 'objectSelector'))) {
    said.push(
      fail('', 'its objectSelector is not ours: pods with the label are left out, or all others asked', REPLACE),
    )
  }
  const ours = objectsAt(wanted, 'matchConditions')
  if (objectsAt(found, 'matchConditions').some((condition) => !ours.some((each) => sameJson(each, condition)))) {
    said.push(fail('', 'its matchConditions leave out pods with the label', REPLACE))
  }
  const selector = objectAt(found, 'namespaceSelector')
  if (isEmpty(selector)) return said
  const inside = namespaces.filter((namespace) =>
    selects(selector, objectAt(objectAt(namespace, 'metadata'), 'labels')),
  )
  if (inside.length === 0)
    return [...said, fail('', 'its namespaceSelector selects no namespace: no pod is looked at', REPLACE)]
  const outside = namespaces.filter((namespace) => !inside.includes(namespace)).map(nameOf)
  if (outside.length === 0) return said
  const says = `its namespaceSelector leaves out ${listed(outside)}: the label does nothing there`
  const advice = `mean it, and let no policy allow identities there; or: ${REPLACE}`
  return [...said, { state: 'warn', says, advice }]
}

function rules(wanted: JsonObject, found: JsonObject): readonly Said[] {
  const missing = notAsked(objectsAt(wanted, 'rules'), objectsAt(found, 'rules'))
  return missing.length === 0 ? [] : [fail('', `it is not asked about ${missing.join(', ')}`, APPLY)]
}

function reinvocation(wanted: JsonObject, found: JsonObject): readonly Said[] {
  const policy = textAt(wanted, 'reinvocationPolicy')
  if (policy === undefined || textAt(found, 'reinvocationPolicy') === policy) return []
  const says = 'it is not asked again when a later webhook adds a container: such pods are refused'
  return [{ state: 'warn', says, advice: APPLY }]
}

function allIsWell(wanted: JsonObject): string {
  const all = objectsAt(wanted, 'webhooks').flatMap((webhook) => asked(objectsAt(webhook, 'rules')))
  return `asked about ${[...new Set(all)].join(', ')} with the label; refused when nobody answers`
}

const MOST_NAMED = 3
const listed = (names: readonly string[]): string =>
  names.length <= MOST_NAMED
    ? names.join(', ')
    : `${names.slice(0, MOST_NAMED).join(', ')} and ${names.length - MOST_NAMED} more namespaces`

const fail = (about: string, says: string, advice: string): Said => ({
  state: 'fail',
  says,
  advice,
  ...(about === '' ? {} : { about }),
})
