/** Names for pods, which have no hosts file of the lab: a name server that reads the lab's hosts file at each query. */
import { createSocket } from 'node:dgram'
import { join } from 'node:path'
import { HOSTS } from '../addresses.ts'
import { query } from '../dns-server.ts'
import { labFiles } from '../folder.ts'
import type { Part } from '../part.ts'

export const dns: Part = {
  name: 'dns',
  needs: [],
  async fetch() {},
  async start({ folder, daemon }) {
    const server = join(import.meta.dirname, '..', 'dns-server.ts')
    await daemon({
      name: 'dns',
      command: [process.execPath, server, HOSTS['dns.lab'], labFiles(folder).hosts, labFiles(folder).serviceHosts],
      ready: () => answers(HOSTS['dns.lab']),
    })
  },
}

function answers(address: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4')
    const end = (answer: boolean) => {
      clearTimeout(timer)
      socket.close()
      resolve(answer)
    }
    const timer = setTimeout(() => end(false), 200)
    socket.on('error', () => end(false))
    socket.on('message', () => end(true))
    socket.send(query('dns.lab'), 53, address)
  })
}
