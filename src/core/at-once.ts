/** Long work written as a generator, which yields wherever others may have their turn: done here without a pause. */
export function atOnce<T>(work: Generator<undefined, T>): T {
  for (;;) {
    const { done, value } = work.next()
    if (done === true) return value
  }
}
