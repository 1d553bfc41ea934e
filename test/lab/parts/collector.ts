/** A collector of OTLP logs that reads them by the official protobuf definitions, and keeps what it was sent in a file. */
import { join } from 'node:path'
import { HOSTS } from '../addresses.ts'
import { fromPypi, pypiFolder } from '../build/pypi.ts'
import { issue } from '../certificates.ts'
import type { Part } from '../part.ts'
import { connects } from '../probe.ts'

const HOST = 'collector.lab'
export const COLLECTOR_URL = `https://${HOST}:4318/v1/logs`
/** Whoever sends something else is answered 401. */
export const COLLECTOR_AUTHORIZATION = 'Bearer a-token-of-the-lab'

/** A log record a line, as protobuf writes JSON. */
export const collectedFile = (folder: { readonly path: string }): string => join(folder.path, 'collected.ndjson')

export const collector: Part = {
  name: 'collector',
  needs: ['dns'],
  isOptional: true,
  fetch: async (folder, progress) => void (await fromPypi(folder, progress, 'otlp')),
  async start({ folder, daemon }) {
    const { certificate, key } = await issue(folder, { file: 'collector', commonName: HOST, hosts: [HOST] })
    const script = join(import.meta.dirname, '..', 'collector.py')
    const words = [HOSTS[HOST], '4318', certificate, key, COLLECTOR_AUTHORIZATION, collectedFile(folder)]
    await daemon({
      name: 'collector',
      command: ['python3', script, ...words],
      env: {
        PYTHONPATH: pypiFolder(folder, 'otlp'),
        PATH: '/usr/local/bin:/usr/bin:/bin',
        PYTHONDONTWRITEBYTECODE: '1',
      },
      ready: () => connects(HOST, 4318),
    })
  },
}
