/** Files in HDFS: datasets of two teams, and a place for each to write; see `load-data.ts` for what lies where. */
import { join } from 'node:path'
import { debianPackages } from '../debian.ts'
import type { Part } from '../part.ts'
import { adminTicket } from './hdfs.ts'

export const data: Part = {
  name: 'data',
  needs: ['hdfs'],
  async fetch(folder, progress) {
    await debianPackages(folder, progress, { curl: 'curl' })
  },
  async start({ folder, run }) {
    const script = join(import.meta.dirname, '..', 'load-data.ts')
    await run([process.execPath, script], { env: adminTicket(folder) })
  },
}
