/** Kerbside's own image in a pod, under the limits that the sidecar runs with. */
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { PRODUCT } from './images/names.ts'
import { kubernetes } from './kubernetes.ts'
import { attach } from './lab.ts'

const lab = attach()
if (lab === undefined) throw new Error('these tests run inside a lab')
const { kubectl, apply, waitFor, logs, namespace } = kubernetes(lab.folder)

const NAMESPACE = `lab-image-${randomUUID().slice(0, 8)}`

beforeAll(() => namespace(NAMESPACE, { 'pod-security.kubernetes.io/enforce': 'restricted' }))
afterAll(() => kubectl(['delete', 'namespace', NAMESPACE, '--wait=false']))

/** Runs the image to its end and resolves with what it wrote and its exit code. */
async function run(container: { command?: readonly string[]; args?: readonly string[] }) {
  const name = `run-${randomUUID().slice(0, 8)}`
  const securityContext = {
    runAsNonRoot: true,
    readOnlyRootFilesystem: true,
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
    seccompProfile: { type: 'RuntimeDefault' },
  }
  const spec = { restartPolicy: 'Never', containers: [{ name: 'main', image: PRODUCT, securityContext, ...container }] }
  await apply([{ apiVersion: 'v1', kind: 'Pod', metadata: { namespace: NAMESPACE, name }, spec }])
  type Ended = { status: { containerStatuses?: { state: { terminated?: { exitCode: number; message?: string } } }[] } }
  const terminated = (pod: Ended) => pod.status.containerStatuses?.[0]?.state.terminated
  const pod = await waitFor<Ended>(
    `/api/v1/namespaces/${NAMESPACE}/pods/${name}`,
    (pod) => terminated(pod) !== undefined,
  )
  return {
    exitCode: terminated(pod)?.exitCode,
    why: terminated(pod)?.message,
    output: await logs(NAMESPACE, name, 'main'),
  }
}

const node = (script: string) => run({ command: ['/kerbside/bin/node', '-e', script] })

it('starts our command and passes arguments to it', async () => {
  const { exitCode, output } = await run({ args: ['no-such-program'] })
  expect(exitCode).not.toBe(0)
  expect(output).toContain('no-such-program')
})

it('finds the command by its name, which `kubectl exec` is given', async () => {
  const { exitCode, output } = await run({ command: ['kerbside', 'doctor'] })
  expect(output).toContain('this is not the container of a sidecar')
  expect(exitCode).toBe(2)
})

it('has the Kerberos library that the addon opens at run time', async () => {
  const script = `require('/kerbside/node_modules/kerberos').initializeClient('HTTP@nn1.lab', {})
    .then((client) => client.step('')).catch((error) => console.log(error.message))`
  expect((await node(script)).output).toContain('No Kerberos credentials available')
})

it('finds hosts of the lab by name', async () => {
  const { output } = await node(
    "require('node:dns').lookup('nn1.lab', (error, address) => console.log(error ?? address))",
  )
  expect(output.trim()).toBe('10.77.0.11')
})

it.each(['/usr/bin/kinit', '/usr/bin/kvno'])('has %s', async (program) => {
  const { output } = await run({ command: [program, '--nonsense'] })
  expect(output.toLowerCase()).toContain('usage')
})

it('runs as a user of its own that can write nowhere', async () => {
  const script = `const fs = require('node:fs')
    console.log(process.getuid(), ['/', '/tmp', '/kerbside', '/etc'].filter((path) => {
      try { fs.accessSync(path, fs.constants.W_OK); return true } catch { return false }
    }).length)`
  expect((await node(script)).output.trim()).toBe('65532 0')
})

it('has no shell', async () => {
  const { exitCode, why } = await run({ command: ['sh', '-c', 'true'] })
  expect(exitCode).not.toBe(0)
  expect(why).toContain('executable file not found')
})
