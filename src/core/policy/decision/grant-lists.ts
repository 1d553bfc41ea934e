/**
 * Lists of grants, each behind one number; what is the same is one list. A list of one grant, as most are, is in its
 * number itself, so that nothing else need be read.
 */

export type GrantLists = {
  /** {@link Entry} after entry, list after list. */
  readonly entries: Int32Array
  /** Where each list begins in {@link entries}, and at the end where the last one ends. */
  readonly starts: Int32Array
}

/** A grant in a list: its index, doubled, and one more where the grant begins at the node and not above it. */
export type Entry = number

export const entryOf = (index: number, begins: boolean): Entry => index * 2 + (begins ? 1 : 0)
export const indexOf = (entry: Entry): number => entry >> 1
export const isBegun = (entry: Entry): boolean => (entry & 1) === 1

/** Takes lists in, each for a number: negative for one entry. The empty one is 0. */
export class ListsOfGrants {
  readonly #lists: (readonly Entry[])[] = [[]]
  readonly #known = new Map<string, number>([['', 0]])

  add(list: readonly Entry[]): number {
    const [only = 0] = list
    if (list.length === 1) return ~only
    const key = list.join()
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const number = this.#lists.push(list) - 1
    this.#known.set(key, number)
    return number
  }

  get(number: number): readonly Entry[] {
    return number < 0 ? [~number] : (this.#lists[number] ?? [])
  }

  pack(): GrantLists {
    const starts = new Int32Array(this.#lists.length + 1)
    for (const [number, list] of this.#lists.entries()) starts[number + 1] = (starts[number] as number) + list.length
    return { entries: Int32Array.from(this.#lists.flat()), starts }
  }
}

export const sizeOf = ({ starts }: GrantLists, list: number): number =>
  list < 0 ? 1 : (starts[list + 1] as number) - (starts[list] as number)

export const entryAt = ({ entries, starts }: GrantLists, list: number, at: number): Entry =>
  list < 0 ? ~list : (entries[(starts[list] as number) + at] as number)
