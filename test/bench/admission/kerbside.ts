/** Kerbside as it is installed: bundled, as the service account of its webhook, with both webhooks and the policies of the API server. */
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { bundle } from '../../../deploy/image/bundle.ts'
import { type JsonObject, objectAt, objectsAt, textAt } from '../../../src/core/identity/json.ts'
import { kubernetes } from '../../lab/kubernetes.ts'
import type { Lab } from '../../lab/lab.ts'
import { ROOT } from '../../suite.ts'
import { NAMESPACE } from './burst.ts'
import { inPod } from './in-pod.ts'
import { type Injector, SIGN, startProcess } from './injector.ts'

const HOST = 'hook.lab'
// Inside the checkout, so that it finds the packages.
const BUNDLED = join(ROOT, 'dist', `bench-${process.pid}`)

export async function kerbside(lab: Lab): Promise<Injector> {
  // Loaded here: it looks for its lab when it is loaded.
  const { INJECTION_FILE, install, readManifests } = await import('../../e2e/admission/installation.ts')
  const installation = await install()
  await installation.webhook.stop()
  await kubernetes(lab.folder).kubectl(['label', 'namespace', NAMESPACE, 'pod-security.kubernetes.io/enforce-'])
  await bundle(ROOT, BUNDLED)
  const injection = join(BUNDLED, 'injection.yaml')
  writeFileSync(injection, stringify(INJECTION_FILE))
  const pod = await inPod(lab, { namespace: 'kerbside', name: 'kerbside-webhook' })
  const deployed = objectsAt(templateIn(readManifests(['20-webhook.yaml'])), 'containers').flatMap((each) =>
    objectsAt(each, 'env').map((variable) => [textAt(variable, 'name') ?? '', textAt(variable, 'value') ?? '']),
  )
  const files = [`--policies=${join(ROOT, 'policies')}`, `--injection=${injection}`, '--tls-secret=kerbside-ca']
  const here = [`--name=${HOST}`, `--listen=${HOST}`, '--drain-seconds=0']
  const program = [process.execPath, join(BUNDLED, 'src/kerbside.js'), 'webhook'] as const
  return {
    sign: SIGN,
    start: () =>
      startProcess([...program, ...files, ...here], {
        readyUrl: `https://${HOST}:8443/readyz`,
        env: { ...pod.env, ...Object.fromEntries(deployed) },
      }),
    async remove() {
      pod.leave()
      rmSync(BUNDLED, { recursive: true })
      await installation.uninstall()
    },
  }
}

function templateIn(documents: readonly JsonObject[]): JsonObject {
  const deployment = documents.find(({ kind }) => kind === 'Deployment') ?? {}
  return objectAt(objectAt(objectAt(deployment, 'spec'), 'template'), 'spec')
}
