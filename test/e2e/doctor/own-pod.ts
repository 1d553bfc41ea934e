/** A pod of a test's own on the lab's API server, and a service-account token bound to it, as the kubelet would project it. */
import { kubernetes } from '../../lab/kubernetes.ts'
import type { Lab } from '../../lab/lab.ts'

export type OwnPod = {
  readonly namespace: string
  readonly serviceAccount: string
  readonly pod: string
  readonly uid: string
  token(audience: string): Promise<string>
  remove(): Promise<void>
}

type Made = { readonly metadata: { readonly uid: string } }

/** It runs nowhere: what counts is that it is there. */
export async function makeOwnPod(lab: Lab, namespace: string): Promise<OwnPod> {
  const { api, create } = kubernetes(lab.folder)
  const base = `/api/v1/namespaces/${namespace}`
  const [serviceAccount, pod] = ['trainer', 'train-0']
  // Left from an earlier run where nothing ends namespaces.
  await api('/api/v1/namespaces', { method: 'POST', body: { metadata: { name: namespace } } })
  await api(`${base}/serviceaccounts`, { method: 'POST', body: { metadata: { name: serviceAccount } } })
  await api(`${base}/pods/${pod}?gracePeriodSeconds=0`, { method: 'DELETE' })
  const spec = {
    serviceAccountName: serviceAccount,
    containers: [{ name: 'main', image: 'none' }],
    nodeSelector: { nowhere: 'nowhere' },
  }
  const { metadata } = await create<Made>(`${base}/pods`, { metadata: { name: pod }, spec })
  return {
    ...{ namespace, serviceAccount, pod, uid: metadata.uid },
    async token(audience) {
      const boundObjectRef = { kind: 'Pod', apiVersion: 'v1', name: pod, uid: metadata.uid }
      const request = { spec: { audiences: [audience], expirationSeconds: 3600, boundObjectRef } }
      const made = await create<{ status: { token: string } }>(
        `${base}/serviceaccounts/${serviceAccount}/token`,
        request,
      )
      return made.status.token
    },
    async remove() {
      await api(`${base}/pods/${pod}?gracePeriodSeconds=0`, { method: 'DELETE' })
    },
  }
}
