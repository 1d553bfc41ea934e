/** From a violation to the one request that caused it, as short as it can be. */
import { fewest, shortest } from './shrink.ts'
import type { Siege, Violation } from './siege.ts'
import { Gun, type Volley } from './volley.ts'

/** How many of the last volleys may have sent what was just seen upstream. */
const SUSPECTS = 256
const SHRINK_MS = 8000

/** Fires suspects again, each alone where that is enough. Nothing when they do not show the like a second time. */
export async function narrowDown(
  siege: Siege,
  { kind }: Violation,
  fired: readonly Volley[],
): Promise<string | undefined> {
  const suspects = kind === 'tree' ? fired : fired.slice(-SUSPECTS)
  const texts = suspects.flatMap(({ shots }) => shots.map(({ text }) => text))
  if (!(await shows(texts))) return undefined
  const [text] = await fewest(texts, shows)
  return text === undefined ? undefined : shortest(text, (shorter) => shows([shorter]), performance.now() + SHRINK_MS)

  async function shows(texts: readonly string[]): Promise<boolean> {
    const found: Violation[] = []
    for (const text of texts) {
      const gun = new Gun(siege.gateway.port)
      const violation = siege.look(await gun.fire([{ text, isWhole: false, isBare: false }]))
      if (violation !== undefined) found.push(violation)
    }
    await siege.settle()
    found.push(...(await siege.takeViolations(kind === 'tree')))
    return found.some((violation) => violation.kind === kind)
  }
}
