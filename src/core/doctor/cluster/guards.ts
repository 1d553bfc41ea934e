/** Whether every ValidatingAdmissionPolicy of ours is there, says what ours says, and is bound so that it denies. */
import { type JsonObject, objectAt, objectsAt, sameJson, textAt, textsAt } from '../../identity/json.ts'
import { ok, type Said } from '../finding.ts'
import { applyFile, type ClusterObjects, named, nameOf, ofKind, replaceFile } from './objects.ts'
import { notAsked } from './rules.ts'

const APPLY = applyFile('60-guards.yaml')
const REPLACE = replaceFile('60-guards.yaml')

export function lookAtGuards(
  expected: readonly JsonObject[],
  { policies, policyBindings }: Pick<ClusterObjects, 'policies' | 'policyBindings'>,
): readonly Said[] {
  const wanted = ofKind(expected, 'ValidatingAdmissionPolicy')
  const missing = wanted.map(nameOf).filter((name) => named(policies, name) === undefined)
  const bindings = ofKind(expected, 'ValidatingAdmissionPolicyBinding').filter(
    (binding) => !missing.includes(policyOf(binding)),
  )
  const said = [
    ...(missing.length === 0
      ? []
      : [fail(undefined, `${missing.length} of ${wanted.length} are missing: ${missing.join(', ')}`)]),
    ...wanted.flatMap((policy) => lookAtPolicy(policy, named(policies, nameOf(policy)))),
    ...bindings.flatMap((binding) => lookAtBinding(binding, named(policyBindings, nameOf(binding)))),
  ]
  return said.length > 0 ? said : [ok(`all ${wanted.length} are there and deny`)]
}

const policyOf = (binding: JsonObject): string => textAt(objectAt(binding, 'spec'), 'policyName') ?? ''

function lookAtPolicy(wanted: JsonObject, found: JsonObject | undefined): readonly Said[] {
  const about = nameOf(wanted)
  if (found === undefined) return []
  const said: Said[] = []
  const [ours, spec] = [objectAt(wanted, 'spec'), objectAt(found, 'spec')]
  if ((textAt(spec, 'failurePolicy') ?? 'Fail') !== 'Fail')
    said.push(fail(about, 'an error in it lets everything through'))
  const live = new Set(expressionsOf(spec))
  const missing = expressionsOf(ours).filter((expression) => !live.has(expression))
  if (missing.length > 0) said.push(fail(about, `${missing.length} of what it must demand it does not: it was changed`))
  said.push(...lookAtScope(about, objectAt(ours, 'matchConstraints'), objectAt(spec, 'matchConstraints')))
  const conditions = new Set(conditionsOf(ours))
  if (conditionsOf(spec).some((condition) => !conditions.has(condition))) {
    said.push(fail(about, 'its matchConditions leave something out', REPLACE))
  }
  const warnings = objectsAt(objectAt(objectAt(found, 'status'), 'typeChecking'), 'expressionWarnings')
  if (warnings.length > 0) {
    const advice = 'this version of Kubernetes knows other fields: kubectl describe it, and tell us'
    said.push({ state: 'warn', about, says: `the API server warns of ${warnings.length} of its expressions`, advice })
  }
  return said
}

/** What it is asked about at all: a guard that is asked about less lets the rest through. */
function lookAtScope(about: string, wanted: JsonObject, found: JsonObject): readonly Said[] {
  const missing = notAsked(objectsAt(wanted, 'resourceRules'), objectsAt(found, 'resourceRules'))
  const narrowed = [
    ...['objectSelector', 'namespaceSelector'].filter((key) => !sameJson(objectAt(wanted, key), objectAt(found, key))),
    ...(objectsAt(found, 'excludeResourceRules').length === 0 ? [] : ['excludeResourceRules']),
  ]
  return [
    ...(missing.length === 0 ? [] : [fail(about, `it is not asked about ${missing.join(', ')}`)]),
    ...narrowed.map((key) => fail(about, `its ${key} leaves something out`, REPLACE)),
  ]
}

const conditionsOf = (spec: JsonObject): readonly string[] => objectsAt(spec, 'matchConditions').map(expressionOf)

/** Variables too: a validation is as good as what it rests on. White space says nothing in CEL outside of strings. */
const expressionsOf = (spec: JsonObject): readonly string[] =>
  [...objectsAt(spec, 'variables'), ...objectsAt(spec, 'validations')].map(expressionOf)

const expressionOf = (each: JsonObject): string =>
  `${textAt(each, 'name') ?? ''}:${(textAt(each, 'expression') ?? '').replace(/\s+/g, ' ').trim()}`

function lookAtBinding(wanted: JsonObject, found: JsonObject | undefined): readonly Said[] {
  const about = nameOf(wanted)
  if (found === undefined) return [fail(about, 'no binding puts it into force')]
  const spec = objectAt(found, 'spec')
  if (!textsAt(spec, 'validationActions').includes('Deny')) {
    return [
      fail(about, `its binding only says ${textsAt(spec, 'validationActions').join(' and ')}, and denies nothing`),
    ]
  }
  if (policyOf(found) !== policyOf(wanted)) {
    return [fail(about, `its binding is of another policy, \`${policyOf(found)}\``)]
  }
  if (!sameJson(objectAt(spec, 'paramRef'), objectAt(objectAt(wanted, 'spec'), 'paramRef'))) {
    return [fail(about, 'its binding compares with other objects than ours (paramRef)', REPLACE)]
  }
  if (Object.keys(objectAt(spec, 'matchResources')).length === 0) return []
  const advice = `let no identity be used in what it leaves out; or: ${REPLACE}`
  return [{ state: 'warn', about, says: 'its binding holds for part of the cluster only (matchResources)', advice }]
}

const fail = (about: string | undefined, says: string, advice = APPLY): Said => ({
  state: 'fail',
  says,
  advice,
  ...(about === undefined ? {} : { about }),
})
