/** The line of a stream of slices that says: another bundle is in force, and your part of it is what you have. */

/** One line without a line feed. `readRenewal(writeRenewal(bundle))` is `bundle`. */
export const writeRenewal = (bundle: string): string => JSON.stringify({ renewed: bundle })

/** The bundle, or nothing when the line is another one or says it in another way: then it is no slice either, and refused. */
export function readRenewal(line: string): string | undefined {
  if (!line.startsWith('{"renewed":')) return undefined
  try {
    const { renewed } = JSON.parse(line) as { readonly renewed: unknown }
    return typeof renewed === 'string' && renewed !== '' ? renewed : undefined
  } catch {
    return undefined
  }
}
