/** What the kubelet gives a container to reach the API server with: files of its service account, and where that server is. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { kubernetes } from '../../lab/kubernetes.ts'
import type { Lab } from '../../lab/lab.ts'

/** The lab has a `/run` of its own. */
const ACCOUNT_FOLDER = '/run/secrets/kubernetes.io/serviceaccount'

export type InPod = { readonly env: Readonly<Record<string, string>>; leave(): void }

/** One at a time: the place is the same in every pod. */
export async function inPod(lab: Lab, account: { readonly namespace: string; readonly name: string }): Promise<InPod> {
  const { status } = await kubernetes(lab.folder).create<{ status: { token: string } }>(
    `/api/v1/namespaces/${account.namespace}/serviceaccounts/${account.name}/token`,
    { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} },
  )
  mkdirSync(ACCOUNT_FOLDER, { recursive: true })
  writeFileSync(join(ACCOUNT_FOLDER, 'token'), status.token, { mode: 0o600 })
  writeFileSync(join(ACCOUNT_FOLDER, 'ca.crt'), readFileSync(lab.files.authority))
  return {
    env: { KUBERNETES_SERVICE_HOST: 'api.lab', KUBERNETES_SERVICE_PORT: '443' },
    leave: () => rmSync(ACCOUNT_FOLDER, { recursive: true }),
  }
}
