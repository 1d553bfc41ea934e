/** What holds for any pod: the patch only adds, the same pod gives the same bytes, and a second look finds nothing to do. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Json, type JsonObject, objectAt, objectsAt, sameJson } from '../../../src/core/identity/json.ts'
import { applyPatch } from '../../../src/core/identity/json-patch.ts'
import { ask, CA, INJECTION, injected, injectionOf, outcome, POD, podWith } from './world.ts'

/** Keys that trip code which looks names up on an object, or builds JSON pointers by hand. */
const hostileKey = fc.constantFrom('constructor', '__proto__', 'toString', 'a/b~1c', '~0', '', 'name ', '-', '0')
const unknownFields = fc.dictionary(hostileKey, fc.jsonValue({ maxDepth: 2 }), { maxKeys: 3 })
const clientVariable = fc.record({
  name: fc.constantFrom('HADOOP_USER_NAME', 'EPOCHS', 'KERBSIDE_WEBHDFS', '__proto__'),
  value: fc.string(),
})
const container = (name: string) =>
  fc
    .tuple(
      unknownFields,
      fc.record(
        {
          env: fc.uniqueArray(clientVariable, { selector: ({ name }) => name, maxLength: 3 }),
          volumeMounts: fc.constantFrom<JsonObject[]>(
            [],
            [{ name: 'mine', mountPath: '/mine' }],
            [{ name: 'mine', mountPath: '/etc/kerbside' }],
          ),
          securityContext: fc.constantFrom<JsonObject>({}, { runAsUser: 0 }),
        },
        { requiredKeys: [] },
      ),
    )
    .map(([unknown, known]) => ({ ...unknown, ...known, name, image: 'i' }))
const containers = (prefix: string, least: number) =>
  fc
    .integer({ min: least, max: 3 })
    .chain((count) => fc.tuple(...Array.from({ length: count }, (_, index) => container(`${prefix}${index}`))))
const pod = fc
  .record({
    unknownOfPod: unknownFields,
    unknownOfSpec: unknownFields,
    labels: fc.dictionary(hostileKey, fc.string(), { maxKeys: 2 }),
    lists: fc.record(
      {
        initContainers: fc.oneof(
          containers('init', 0),
          containers('istio-proxy', 1).map(([first = {}, ...rest]) => [{ ...first, name: 'istio-proxy' }, ...rest]),
        ),
        volumes: fc.constantFrom<JsonObject[]>([], [{ name: 'mine', emptyDir: {} }]),
      },
      { requiredKeys: [] },
    ),
    main: containers('main', 1),
  })
  .map(({ unknownOfPod, unknownOfSpec, labels, lists, main }): JsonObject => {
    const identity = POD.metadata.labels
    return {
      ...unknownOfPod,
      metadata: { annotations: { 'a/b~c': 'x' }, labels: { ...labels, ...identity } },
      spec: { ...unknownOfSpec, serviceAccountName: 'trainer', ...lists, containers: main } as JsonObject,
    }
  })

const patchOf = (given: Json) => {
  const verdict = ask(given)
  if (verdict.effect === 'deny') throw new Error(JSON.stringify(verdict.denials))
  return verdict.patch
}

/** Whether all of the second is in the first: members by key, list elements in their order. */
function contains(whole: Json | undefined, part: Json | undefined): boolean {
  if (Array.isArray(part)) {
    if (!Array.isArray(whole)) return false
    let from = 0
    return part.every((element) => {
      const found = whole.findIndex((candidate, index) => index >= from && contains(candidate, element))
      from = found + 1
      return found >= 0
    })
  }
  if (typeof part !== 'object' || part === null) return whole === part
  if (typeof whole !== 'object' || whole === null || Array.isArray(whole)) return false
  return Object.entries(part).every(
    ([key, value]) => Object.hasOwn(whole, key) && contains((whole as JsonObject)[key], value),
  )
}

test('all that the user wrote is still there, fields that nobody knows included', () => {
  fc.assert(fc.property(pod, (given) => contains(applyPatch(given, patchOf(given)), given)))
})

test('a second run has nothing to add, and the final look agrees', () => {
  fc.assert(
    fc.property(pod, (given) => {
      const once = injected(given)
      expect(patchOf(once)).toEqual([])
      expect(outcome(ask(once, { stage: 'validate' }))).toEqual(['admit'])
    }),
  )
})

test('no addition can be left out', () => {
  fc.assert(
    fc.property(pod, fc.nat(), (given, choice) => {
      const patch = patchOf(given)
      const lastFew = patch.slice(0, choice % patch.length)
      const again = patchOf(applyPatch(given, lastFew))
      expect(again.length).toBeGreaterThan(0)
    }),
  )
})

test('the same pod gives the same bytes, whatever the order of its keys, and is not changed by the question', () => {
  const reordered = (value: Json): Json => {
    if (Array.isArray(value)) return value.map(reordered)
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(
      Object.entries(value)
        .toReversed()
        .map(([key, each]) => [key, reordered(each)]),
    )
  }
  fc.assert(
    fc.property(pod, (given) => {
      const before = structuredClone(given)
      expect(JSON.stringify(patchOf(given))).toBe(JSON.stringify(patchOf(reordered(given))))
      expect(sameJson(given, before)).toBe(true)
    }),
  )
})

test('the sidecar stands before every container that is not of a mesh', () => {
  fc.assert(
    fc.property(pod, (given) => {
      const names = objectsAt(objectAt(injected(given), 'spec'), 'initContainers').map(({ name }) => name)
      expect(names.slice(0, names.indexOf('kerbside')).filter((name) => name !== 'istio-proxy')).toEqual([])
    }),
  )
})

const spec = (of: JsonObject) => objectAt(of, 'spec')

test('a webhook that runs after ours may add containers, variables and mounts of its own', () => {
  const once = injected(POD)
  const mesh = { name: 'istio-proxy', image: 'mesh', restartPolicy: 'Always' }
  const late = { name: 'late', image: 'x' }
  const meshed = {
    ...once,
    spec: { ...spec(once), initContainers: [mesh, ...objectsAt(spec(once), 'initContainers')] },
  }
  expect(outcome(ask(meshed, { stage: 'validate' }))).toEqual(['admit'])
  const joined = { ...once, spec: { ...spec(once), containers: [...objectsAt(spec(once), 'containers'), late] } }
  expect(ask(joined, { stage: 'validate' })).toMatchObject({ warnings: [expect.stringContaining('`late`')] })
  expect(patchOf(joined).length).toBe(2)
})

test('a webhook that forgets restartPolicy is named as the cause', () => {
  const once = injected(POD)
  const initContainers = objectsAt(spec(once), 'initContainers').map(({ restartPolicy: _, ...rest }) => rest)
  const verdict = ask({ ...once, spec: { ...spec(once), initContainers } }, { stage: 'validate' })
  expect(verdict).toMatchObject({ denials: [{ message: expect.stringContaining('does not know sidecars') }] })
})

test('what the API server and its plugins change in any container is let through', () => {
  const once = injected(POD)
  const token = {
    name: 'kube-api-access-x',
    mountPath: '/var/run/secrets/kubernetes.io/serviceaccount',
    readOnly: true,
  }
  const initContainers = objectsAt(spec(once), 'initContainers').map((raw) => ({
    ...raw,
    imagePullPolicy: 'Always',
    resources: { limits: { cpu: '1', memory: '1Gi' } },
    volumeMounts: [...objectsAt(raw, 'volumeMounts'), token],
  }))
  expect(outcome(ask({ ...once, spec: { ...spec(once), initContainers } }, { stage: 'validate' }))).toEqual(['admit'])
})

test('a pod of an earlier image or authority stays valid while the operator says so, and no longer', () => {
  const old = injected(POD, injectionOf({ image: 'kerbside:old' }))
  const look = (injection = INJECTION) => outcome(ask(old, { stage: 'validate' }, injection))
  expect(look()).toEqual(['sidecar-differs'])
  expect(look(injectionOf({ earlier: [{ image: 'kerbside:older' }, { image: 'kerbside:old' }] }))).toEqual(['admit'])
  const more = CA.replace('TUlJQg', 'TUlJQw')
  const both = injectionOf({ authorities: more })
  expect(outcome(ask(injected(POD), { stage: 'validate' }, both))).toEqual(['admit'])
  expect(outcome(ask(injected(POD, both), { stage: 'validate' }))).toEqual(['sidecar-differs'])
})

test('the files store is a volume of the operator, for the sidecar alone', () => {
  const source = { csi: { driver: 'secrets.example.org', readOnly: true } }
  const injection = injectionOf({ store: 'files', storeMount: '/secrets', secretsVolume: source })
  const once = injected(POD, injection)
  expect(objectsAt(spec(once), 'volumes')).toContainEqual({ ...source, name: 'kerbside-secrets' })
  expect(outcome(ask(once, { stage: 'validate' }, injection))).toEqual(['admit'])
  const elsewhere = podWith({ volumes: [{ name: 'kerbside-secrets', csi: { driver: 'other' } }] })
  expect(outcome(ask(elsewhere, {}, injection))).toEqual(['sidecar-differs'])
})
