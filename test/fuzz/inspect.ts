/** What an answer must not hold: a canary, an inode of a denied place, a credential of ours or of HDFS. */
import { credentialIn } from '../sweep/credentials.ts'
import type { Sweep } from '../sweep/sweep.ts'
import type { World } from './world.ts'

const NOT_PRINTABLE_CHUNKS = /\r\n[0-9a-f]+\r\n/gi

/** @returns a function that gives what is wrong with the bytes of an answer, or nothing */
export function inspectorFor(
  { canaries, deniedInodes }: Pick<World, 'canaries' | 'deniedInodes'>,
  secrets: Sweep,
): (received: Buffer) => string | undefined {
  return function inspect(received): string | undefined {
    const [found] = [...canaries.find(received), ...secrets.find(received)]
    if (found !== undefined) return `an answer holds the ${found.secret}, ${found.form}`
    const text = received.toString('latin1')
    const credential = credentialIn(text)
    if (credential !== undefined) return `an answer holds \`${credential}\``
    for (const [, inode] of text.matchAll(/"fileId": *(\d+)/g)) {
      if (deniedInodes.has(Number(inode))) return `an answer names inode ${inode}, which is denied`
    }
    if (!/^transfer-encoding:/im.test(text)) return undefined
    const joined = text.replace(/^transfer-encoding:.*$/gim, '').replace(NOT_PRINTABLE_CHUNKS, '')
    return joined === text ? undefined : inspect(Buffer.from(joined, 'latin1'))
  }
}
