/** What is sent next: one volley after the other out of a seed, whoever asks for it. */
import { Random } from '../random.ts'
import { mutate } from './mutate.ts'
import { makeShot } from './requests.ts'
import type { Shot } from './shot.ts'

const MOST_SHOTS = 8

/** @param inodes of denied files */
export function volleysOf(seed: number, corpus: readonly string[], inodes: readonly number[]): () => readonly Shot[] {
  const random = new Random(seed)
  const draw = () => (random.chance(0.3) ? mutate(random, corpus, inodes) : makeShot(random, inodes))
  return () => {
    const shots = [draw()]
    // Others follow on the same connection, where it is sure to be open still.
    while (shots.at(-1)?.isBare === true && shots.length < MOST_SHOTS && random.chance(0.7)) {
      const next = draw()
      if (next.isWhole) shots.push(next)
    }
    return shots
  }
}
