/** The soak's keytab in OpenBao, and a service account that may read it: each refresh is a login there. */

import type { StageOptions } from '../e2e/faults/stage.ts'
import { kubernetes } from '../lab/kubernetes.ts'
import { attach } from '../lab/lab.ts'
import { AUDIENCE, OPENBAO_URL, openbao } from '../lab/openbao.ts'

const NAME = 'soak'
const ACCOUNTS = `/api/v1/namespaces/${NAME}/serviceaccounts`
/** Beside the time that the soak takes, for its beginning and end. */
const MORE_SECONDS = 1800

/** @param seconds that the service-account token has to hold */
export async function inOpenbao(seconds: number): Promise<Pick<StageOptions, 'prepare' | 'token'>> {
  const lab = attach()
  if (lab === undefined) throw new Error('the soak runs inside the lab')
  const { create } = kubernetes(lab.folder)
  await create('/api/v1/namespaces', { metadata: { name: NAME } })
  await create(ACCOUNTS, { metadata: { name: NAME } })
  const request = { spec: { audiences: [AUDIENCE], expirationSeconds: Math.round(seconds) + MORE_SECONDS } }
  const { status } = await create<{ status: { token: string } }>(`${ACCOUNTS}/${NAME}/token`, request)
  return {
    token: () => status.token,
    async prepare(stage) {
      const { bindRole, putSecret } = openbao(lab.folder)
      const paths = [stage.secretPath, 'hdfs/lab']
      await bindRole({ role: NAME, serviceAccounts: [NAME], namespaces: [NAME], paths })
      await putSecret(stage.secretPath, { keytab: (await stage.keytab()).toString('base64') })
      await putSecret('hdfs/lab', { 'ca.pem': stage.world.caPem })
      return { store: 'openbao', storeUrl: OPENBAO_URL, storeMount: 'kv', storeRole: NAME }
    },
  }
}
