/** What policy the programs are given in their ConfigMap, and what each of them has in force. */
import { argumentsOf } from '../../../core/doctor/cluster/objects.ts'
import { failed, ok, type Said } from '../../../core/doctor/finding.ts'
import { type JsonObject, objectAt, objectsAt, textAt } from '../../../core/identity/json.ts'
import { lookInto, openBundle } from '../../../io/policy/bundle.ts'
import { readTrustedKeys } from '../../../io/policy/bundle-keys.ts'
import { toBundle } from '../../../io/policy/directory.ts'
import { goodOf } from '../../policy/policies.ts'
import { type Api, find, get, pageOfPod } from './ask-api.ts'

const CONFIG_MAP = 'kerbside-policies'
const RENDER = 'kerbside render --injection injection.yaml --policy policies | kubectl apply -f -'

/**
 * @param deployments of our programs: they say whether policy must be signed
 * @param trust file of public keys that it must be signed by one of, where a person has them
 */
export async function lookAtPolicy(
  api: Api,
  deployments: readonly JsonObject[],
  trust: string | undefined,
): Promise<readonly Said[]> {
  const path = `/api/v1/namespaces/${encodeURIComponent(api.namespace)}/configmaps/${CONFIG_MAP}`
  const found = await find(api, path)
  const given = found === undefined ? [missing()] : [await lookInside(found, deployments, trust)]
  return [...given, ...(await lookAtReplicas(api))]
}

const missing = (): Said => ({
  state: 'fail',
  about: CONFIG_MAP,
  says: 'there is no ConfigMap of that name: no program starts without a policy',
  advice: RENDER,
})

async function lookInside(
  configMap: JsonObject,
  deployments: readonly JsonObject[],
  trust: string | undefined,
): Promise<Said> {
  const data = objectAt(configMap, 'data')
  const texts = Object.keys(data).map((name) => ({ name, text: textAt(data, name) ?? '' }))
  const signed = texts.find(({ name }) => name.endsWith('.jws'))
  const mustBeSigned = deployments.some((deployment) =>
    argumentsOf(deployment).some((word) => word.startsWith('--policy-keys')),
  )
  try {
    if (signed !== undefined) return await lookAtBundle(signed.text, trust)
    const files = texts.map(({ name, text }) => ({ name, bytes: Buffer.from(text) }))
    const { bundle } = goodOf(CONFIG_MAP, await toBundle(CONFIG_MAP, files))
    if (mustBeSigned) {
      const says = 'it holds no signed bundle, and the programs take no other policy'
      return {
        state: 'fail',
        about: CONFIG_MAP,
        says,
        advice: 'kerbside policy build policies --sequence N --key KEY --out policy.jws',
      }
    }
    const says = `${bundle.identities.size} identities, not signed: whoever writes the ConfigMap writes the policy`
    return { state: 'warn', about: CONFIG_MAP, says, advice: 'sign it: deploy/README.md, "A signed policy"' }
  } catch (thrown) {
    return failed(thrown, CONFIG_MAP)
  }
}

async function lookAtBundle(text: string, trust: string | undefined): Promise<Said> {
  if (trust !== undefined) {
    const { payload, bundle } = await openBundle(text, await readTrustedKeys(trust))
    return ok(`${bundle.identities.size} identities, sequence ${payload.sequence}, signed by a trusted key`, CONFIG_MAP)
  }
  const { payload, bundle, header } = lookInto(text)
  const says = `${bundle.identities.size} identities, sequence ${payload.sequence}`
  if (header === undefined) return { state: 'fail', about: CONFIG_MAP, says: `${says}, not signed`, advice: RENDER }
  return ok(`${says}, signed by \`${header.kid}\`, which --trust would verify`, CONFIG_MAP)
}

/** Programs that have a policy, and the port of their metrics. */
const PORTS: ReadonlyMap<string, number> = new Map([
  ['kerbside-webhook', 8443],
  ['kerbside-broker', 8444],
])

async function lookAtReplicas(api: Api): Promise<readonly Said[]> {
  const namespace = encodeURIComponent(api.namespace)
  const pods = objectsAt(await get(api, `/api/v1/namespaces/${namespace}/pods`), 'items')
  const ours = pods.flatMap((pod) => {
    const metadata = objectAt(pod, 'metadata')
    const port = PORTS.get(textAt(objectAt(metadata, 'labels'), 'app') ?? '')
    const isRunning = textAt(objectAt(pod, 'status'), 'phase') === 'Running'
    return port === undefined || !isRunning ? [] : [{ name: textAt(metadata, 'name') ?? '', port }]
  })
  const pages = await Promise.all(
    ours.map(async ({ name, port }) => ({ name, page: await pageOfPod(api, name, port) })),
  )
  const sequences = new Map(
    pages.flatMap(({ name, page }) => (page === undefined ? [] : [[name, sample(page, SEQUENCE)]])),
  )
  const newest = Math.max(0, ...[...sequences.values()].map((value) => value ?? 0))
  return pages.flatMap(({ name, page }): readonly Said[] => {
    if (page === undefined) {
      const advice = 'a NetworkPolicy may keep the API server from it: look at its metrics another way'
      return [{ state: 'not-tried', about: name, says: 'it cannot be asked through the API server', advice }]
    }
    if (sample(page, 'kerbside_policy_stale') === 1) {
      const says = 'it did not take the last change of policy over; the one before stays in force'
      return [{ state: 'fail', about: name, says, advice: `kubectl -n ${api.namespace} logs ${name}: it says why` }]
    }
    const sequence = sample(page, SEQUENCE) ?? 0
    if (sequence < newest) {
      const says = `it has sequence ${sequence} in force, another program ${newest}`
      return [{ state: 'warn', about: name, says, advice: 'a ConfigMap takes up to two minutes; then look at its log' }]
    }
    return [ok(sequence === 0 ? 'it has a policy in force' : `it has sequence ${sequence} in force`, name)]
  })
}

const SEQUENCE = 'kerbside_policy_sequence'

/** The one sample of a metric without labels. */
function sample(page: string, metric: string): number | undefined {
  const [, value] = new RegExp(`^${metric} (\\S+)$`, 'm').exec(page) ?? []
  return value === undefined ? undefined : Number(value)
}
