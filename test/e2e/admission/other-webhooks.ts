/**
 * Stands for mutating webhooks of other products, each for one thing that they are known to do to pods. All of them are one
 * HTTPS server in the lab, which the real API server asks; before ours or after it, by their names.
 */
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:https'
import type { JsonObject } from '../../../src/core/identity/json.ts'
import { issue } from '../../lab/certificates.ts'
import { api, lab, until } from './installation.ts'
import { POD } from './restricted-pod.ts'
import { asTenant, pods } from './tenant.ts'

const [HOST, PORT] = ['hook.lab', 9444]

type Container = JsonObject & { name: string; env?: JsonObject[] }
/** As much of a pod as they look at; what they do not know they keep, unless that is their fault. */
export type OtherPod = {
  metadata: { labels?: Record<string, string>; annotations?: Record<string, string> }
  spec: JsonObject & { containers: Container[]; initContainers?: Container[]; serviceAccountName?: string }
}

const VARIABLE = { name: 'HTTPS_PROXY', value: 'http://proxy.example.org:3128' }
const given = (container: Container): Container => ({ ...container, env: [...(container.env ?? []), VARIABLE] })
const inits = ({ spec }: OtherPod) => spec.initContainers ?? []
const withSpec = (pod: OtherPod, spec: Partial<OtherPod['spec']>): OtherPod => ({
  ...pod,
  spec: { ...pod.spec, ...spec } as OtherPod['spec'],
})

export const OTHERS = {
  /** Webhooks with types from before Kubernetes 1.28 decode a pod and write it back: EKS pod identity, kube-secrets-init. */
  'types-of-old': (pod) =>
    withSpec(pod, { initContainers: inits(pod).map(({ restartPolicy: _, ...known }) => known as Container) }),
  /** Kubeflow's PodDefault: variables for the containers, and a service account. */
  'pod-default': (pod) =>
    withSpec(pod, {
      containers: pod.spec.containers.map(given),
      serviceAccountName: 'trainer',
      serviceAccount: 'trainer',
    }),
  'pod-default-with-another-account': (pod) =>
    withSpec(pod, { serviceAccountName: 'default', serviceAccount: 'default' }),
  /** Those that give a proxy to everybody, init containers included. */
  'proxy-for-everybody': (pod) =>
    withSpec(pod, { containers: pod.spec.containers.map(given), initContainers: inits(pod).map(given) }),
  'backwards-init-containers': (pod) => withSpec(pod, { initContainers: inits(pod).toReversed() }),
  /** Registry mirrors rewrite the host of every image. */
  mirror: (pod) => {
    const mirrored = (container: Container) => ({ ...container, image: `mirror.example.org/${container['image']}` })
    return withSpec(pod, { containers: pod.spec.containers.map(mirrored), initContainers: inits(pod).map(mirrored) })
  },
  /** PodDefaults bring labels too. */
  'label-for-everybody': (pod) => {
    const labels = { ...pod.metadata.labels, ...POD.metadata.labels }
    return { ...pod, metadata: { ...pod.metadata, labels } }
  },
} satisfies Record<string, (pod: OtherPod) => OtherPod>

export type Other = keyof typeof OTHERS
export type Place = 'before' | 'after'

export type OtherWebhooks = {
  /** Has the API server ask one of them, and no other; resolves when it does. */
  only(other: Other, place: Place): Promise<void>
  stop(): Promise<void>
}

const CONFIGURATIONS = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations'
const ASKED = 'example.org/asked'

export async function startOthers(): Promise<OtherWebhooks> {
  const { certificate, key } = await issue(lab.folder, { file: 'other-webhooks', commonName: HOST, hosts: [HOST] })
  const server: Server = createServer(
    { cert: readFileSync(certificate), key: readFileSync(key) },
    async (request, response) => {
      const pieces: Buffer[] = []
      for await (const piece of request) pieces.push(piece as Buffer)
      // The API server adds its time limit as a query.
      const [, other] = /^\/([\w-]+)/.exec(request.url ?? '') ?? []
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(answer(JSON.parse(Buffer.concat(pieces).toString()), other as Other)))
    },
  )
  await new Promise<void>((resolve) => server.listen(PORT, HOST, resolve))
  let registered: string | undefined
  const remove = async () => {
    if (registered !== undefined) await api.api(`${CONFIGURATIONS}/${registered}`, { method: 'DELETE' })
    registered = undefined
  }
  return {
    async only(other, place) {
      await remove()
      registered = `${place === 'before' ? '0' : 'z'}-${other}`
      await api.create(CONFIGURATIONS, configuration(registered, other))
      await until(`${registered} alone to be asked`, async () => (await whoWasAsked()) === other)
    },
    async stop() {
      await remove()
      await until('nobody else to be asked', async () => (await whoWasAsked()) === undefined)
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** The whole pod as it shall be, which is what a webhook with types answers, cut into differences or not. */
function answer({ request }: { request: { uid: string; object: OtherPod } }, other: Other): object {
  const { metadata, spec } = OTHERS[other](request.object)
  const annotations = { ...metadata.annotations, [ASKED]: `${metadata.annotations?.[ASKED] ?? ''}${other}` }
  const patch = [
    { op: 'replace', path: '/spec', value: spec },
    { op: 'replace', path: '/metadata', value: { ...metadata, annotations } },
  ]
  const encoded = Buffer.from(JSON.stringify(patch)).toString('base64')
  const response = { uid: request.uid, allowed: true, patchType: 'JSONPatch', patch: encoded }
  return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response }
}

function configuration(name: string, other: Other): object {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name },
    webhooks: [
      {
        name: 'other.example.org',
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        clientConfig: {
          url: `https://${HOST}:${PORT}/${other}`,
          caBundle: readFileSync(lab.files.authority).toString('base64'),
        },
        rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE'] }],
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'ml-quant' } },
      },
    ],
  }
}

/** By a pod that is not ours, where nobody makes it so. */
async function whoWasAsked(): Promise<string | undefined> {
  const probe = { metadata: { name: 'probe' }, spec: POD.spec }
  const { object } = await asTenant('POST', `${pods()}?dryRun=All`, probe)
  if (object['kind'] === 'Pod') return Object(Object(object['metadata']).annotations)[ASKED]
  // The one that brings our label: what is refused then is its doing.
  return JSON.stringify(object).includes('kerbside.io') ? 'label-for-everybody' : undefined
}
