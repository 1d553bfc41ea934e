/** Lists of grants, by their indexes, packed end to end; what is the same is one list. */

export type GrantLists = {
  readonly indexes: Int32Array
  /** Where each list begins in {@link indexes}, and at the end where the last one ends. */
  readonly starts: Int32Array
}

/** Takes lists in, each for a number. The empty one is 0. */
export class ListsOfGrants {
  readonly #lists: (readonly number[])[] = [[]]
  readonly #known = new Map<string, number>([['', 0]])

  add(list: readonly number[]): number {
    const key = list.join()
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const number = this.#lists.push(list) - 1
    this.#known.set(key, number)
    return number
  }

  get(number: number): readonly number[] {
    return this.#lists[number] ?? []
  }

  pack(): GrantLists {
    const starts = new Int32Array(this.#lists.length + 1)
    for (const [number, list] of this.#lists.entries()) starts[number + 1] = (starts[number] as number) + list.length
    return { indexes: Int32Array.from(this.#lists.flat()), starts }
  }
}

/** The bits of all grants of a list together. */
export function sumOf({ indexes, starts }: GrantLists, list: number, masks: Uint16Array): number {
  let sum = 0
  for (let at = starts[list] as number; at < (starts[list + 1] as number); at += 1) {
    sum |= masks[indexes[at] as number] as number
  }
  return sum
}
