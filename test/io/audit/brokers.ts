/** The folders of brokers as they write them: parts of one chain in files of days, each named by its first number. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { takenFile } from '../../../src/io/audit/layout.ts'

export const DAY = '2026-03-02'

/** Lines from one number to before another, on the disk of one broker. */
export type Share = { readonly broker: string; readonly from: number; readonly to: number; readonly day?: string }

export function writeShares(root: string, sidecar: string, lines: readonly string[], shares: readonly Share[]): void {
  for (const { broker, from, to, day = DAY } of shares) {
    mkdirSync(join(root, broker, day), { recursive: true })
    const text = lines.slice(from, to).map((line) => `${line}\n`)
    writeFileSync(takenFile(join(root, broker), day, sidecar, from), text.join(''))
  }
}
