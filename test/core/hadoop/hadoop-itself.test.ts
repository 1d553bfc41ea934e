/** Hadoop's own class, from the lab's jars, as judge: what our reader takes means the same to both, and what it refuses is refused for a reason. */
import { afterAll, beforeAll, expect, test } from 'vitest'
import { judgeHadoop } from '../../fuzz/parsers/hadoop-judge.ts'
import { type HadoopConfigurationPeer, startHadoopConfiguration } from '../../peers/hadoop-configuration/peer.ts'

let peer: HadoopConfigurationPeer
beforeAll(async () => {
  peer = await startHadoopConfiguration()
}, 300_000)
afterAll(() => peer.stop())

test('three thousand configurations, a quarter of them broken somewhere', { timeout: 300_000 }, async () => {
  const { taken, refused, stricter, finds } = await judgeHadoop(peer, { count: 3000, seed: 20_261_126 })
  expect(finds).toEqual([])
  // Else the generator had become one-sided.
  expect(taken).toBeGreaterThan(600)
  expect(refused).toBeGreaterThan(300)
  expect(stricter).toBeGreaterThan(300)
})
