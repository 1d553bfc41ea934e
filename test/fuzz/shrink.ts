/** From the many requests of a find to the one that did it, and from that to its shortest form. */

/** The shortest list that still does it, by halves where one half does, and else one by one. */
export async function fewest<T>(
  all: readonly T[],
  does: (some: readonly T[]) => Promise<boolean>,
): Promise<readonly T[]> {
  let left = all
  while (left.length > 1) {
    const middle = Math.ceil(left.length / 2)
    const halves = [left.slice(middle), left.slice(0, middle)]
    const half = await firstThat(halves, does)
    if (half === undefined) break
    left = half
  }
  for (let at = left.length - 1; at >= 0 && left.length > 1 && left.length <= 32; at -= 1) {
    const without = left.toSpliced(at, 1)
    if (await does(without)) left = without
  }
  return left
}

/** Shorter and shorter runs of words are left out, as long as it still does. */
export async function shortest(
  text: string,
  does: (text: string) => Promise<boolean>,
  untilMs: number,
): Promise<string> {
  let words = text.split(/([/?&=,\r\n :]|%[0-9a-f]{2})/i).filter((word) => word !== '')
  for (let run = Math.ceil(words.length / 2); run >= 1; run = run === 1 ? 0 : Math.ceil(run / 2)) {
    for (let at = 0; at < words.length; ) {
      if (performance.now() > untilMs) return words.join('')
      const without = words.toSpliced(at, run)
      if (without.length > 0 && (await does(without.join('')))) words = without
      else at += run
    }
  }
  return words.join('')
}

async function firstThat<T>(choices: readonly T[], does: (choice: T) => Promise<boolean>): Promise<T | undefined> {
  for (const choice of choices) if (await does(choice)) return choice
  return undefined
}
