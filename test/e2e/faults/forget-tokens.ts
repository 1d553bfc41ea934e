/** Makes HDFS forget every delegation token that a sidecar holds: by another login, which may renew them and therefore cancel. */
import { tokensInMemory } from '../credentials/process-memory.ts'
import { World } from '../credentials/world.ts'
import type { Stage } from './stage.ts'

export async function forgetTokens({ sidecar }: Stage): Promise<void> {
  const admin = new World()
  try {
    await admin.acquire()
    const tokens = tokensInMemory(sidecar.pid)
    for (const token of tokens) await admin.negotiate({ do: 'cancel', token }).catch(() => undefined)
    const owners = await Promise.all(tokens.map((token) => admin.ownerOf(token)))
    if (tokens.length === 0 || owners.some((owner) => owner.startsWith('/'))) throw new Error(`still known: ${owners}`)
  } finally {
    admin.remove()
  }
}
