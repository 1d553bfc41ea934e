/** Placeholder until its program is written. */
export async function main(_args: readonly string[]): Promise<void> {
  throw new Error('not written yet')
}
