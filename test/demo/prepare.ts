/** What an operator has before the first pod comes: policy, secrets in the store, the injection file, the issuer's keys. */
import { chmodSync, chownSync, copyFileSync, cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import type { Lab } from '../lab/lab.ts'
import { ROOT } from '../suite.ts'
import { BROKER } from './control-plane.ts'
import { makeIssuer } from './issuer.ts'

/** A CSI driver for secrets would mount this for the sidecar alone; here the lab does. */
export const SECRETS_DRIVER = 'secrets.lab'
const SIDECAR_USER = 65_532
const KEYTABS = { 'hdfs/quant-research': 'quant', 'hdfs/climate-models': 'climate' } as const

export async function prepare(lab: Lab) {
  const controlPlane = join(lab.folder.path, 'control-plane')
  const secrets = join(lab.folder.path, 'secrets')
  mkdirSync(controlPlane)
  cpSync(join(ROOT, 'policies'), join(controlPlane, 'policies'), { recursive: true })
  const injection = {
    image: 'kerbside:dev',
    broker: BROKER,
    store: 'files',
    storeMount: '/secrets',
    secretsVolume: { csi: { driver: SECRETS_DRIVER, readOnly: true } },
  }
  writeFileSync(join(controlPlane, 'injection.yaml'), stringify(injection))
  const issue = await makeIssuer(join(controlPlane, 'keys.json'))
  for (const [path, principal] of Object.entries(KEYTABS))
    putSecret(secrets, path, 'keytab', lab.files.keytab(principal))
  putSecret(secrets, 'hdfs/lab', 'ca.pem', lab.files.authority)
  return { controlPlane, secrets, issue, injection }
}

function putSecret(secrets: string, path: string, key: string, from: string): void {
  const folder = join(secrets, path)
  mkdirSync(folder, { recursive: true })
  copyFileSync(from, join(folder, key))
  chmodSync(join(folder, key), 0o400)
  chownSync(join(folder, key), SIDECAR_USER, SIDECAR_USER)
}
