/**
 * What must be true of every pod that was let in, written anew and simply, from the rules and not from the code: a plain look at
 * JSON that knows nothing of how the webhook reads it.
 */

/** Who may use which identity, in the world that the reviews come from. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  'quant-research': ['ml-quant/trainer', 'ml-quant/evaluator'],
  'heavy-replay': ['ml-quant/trainer', 'ml-quant/evaluator'],
  'climate-models': ['ml-climate/trainer', 'ml-climate/evaluator'],
  'public-reader': ['ml-quant/reader', 'ml-climate/reader', 'default/reader'],
}
const OURS_ALONE = ['kerbside-token', 'kerbside-run', 'kerbside-audit']
const IMAGE = 'kerbside:dev'
const SIDECAR_USER = 65_532

// biome-ignore lint/suspicious/noExplicitAny: any JSON at all.
type Anything = any

/** The document after `add` operations of RFC 6902 §4.1, in place; throws on any other operation. */
export function patched(document: Anything, patch: Anything): Anything {
  const whole = { document: structuredClone(document) }
  for (const { op, path, value } of patch) {
    if (op !== 'add') throw new Error(`the patch has the operation ${op}`)
    const keys = ['document', ...path.split('/').slice(1)].map((key: string) =>
      key.replaceAll('~1', '/').replaceAll('~0', '~'),
    )
    const last = keys.pop() ?? ''
    const parent = keys.reduce((at: Anything, key: string) => at[key], whole)
    if (Array.isArray(parent)) parent.splice(last === '-' ? parent.length : Number(last), 0, value)
    else parent[last] = value
  }
  return whole.document
}

/** In how far a pod that was let in breaks the rules; none is what is wanted. */
export function violations(pod: Anything, namespace: string): string[] {
  const spec = pod?.spec ?? {}
  const found: string[] = []
  const must = (isTrue: boolean, what: string) => void (isTrue || found.push(what))
  const identity = ownOf(ownOf(pod?.metadata, 'labels'), 'kerbside.io/identity')
  const account = ownOf(spec, 'serviceAccountName') ?? ownOf(spec, 'serviceAccount') ?? 'default'
  const allowed = typeof identity === 'string' && Object.hasOwn(ALLOWED, identity) ? ALLOWED[identity] : undefined
  must(
    allowed?.includes(`${namespace}/${account}`) === true,
    `${namespace}/${account} may not use ${JSON.stringify(identity)}`,
  )

  const [init, plain, late] = ['initContainers', 'containers', 'ephemeralContainers'].map(
    (key) => ownOf(spec, key) ?? [],
  )
  const sidecars = init.filter((each: Anything) => each?.name === 'kerbside')
  must(sidecars.length === 1, `${sidecars.length} sidecars`)
  must(sidecars[0]?.restartPolicy === 'Always', 'the sidecar does not stay')
  must(sidecars[0]?.image === IMAGE, 'the image is not ours')
  must(sidecars[0]?.securityContext?.privileged !== true, 'the sidecar is privileged')
  for (const each of [...init, ...plain, ...late]) {
    if (each === sidecars[0]) continue
    const security = ownOf(each, 'securityContext')
    must(each?.name !== 'kerbside', 'another container has our name')
    must(ownOf(security, 'privileged') !== true, 'a privileged container')
    must(ownOf(security, 'runAsUser') !== SIDECAR_USER, 'a container runs as our user')
    for (const mount of ownOf(each, 'volumeMounts') ?? []) {
      must(!OURS_ALONE.includes(mount?.name), `another container mounts ${mount?.name}`)
    }
  }
  for (const key of ['hostNetwork', 'hostPID', 'hostIPC', 'shareProcessNamespace']) must(ownOf(spec, key) !== true, key)
  must(
    ownOf(ownOf(spec, 'securityContext'), 'runAsUser') !== SIDECAR_USER || plain.length === 0,
    'the pod runs as our user',
  )
  return found
}

const ownOf = (object: Anything, key: string): Anything =>
  typeof object === 'object' && object !== null && Object.hasOwn(object, key) ? object[key] : undefined
