/** Where a reader goes after signing in: a page of ours, whatever the link said. */

const LONGEST = 8192

/**
 * Path and query of the text, or `/`. Browsers read `//host`, `/\host` and what has tabs in it as other sites, so the text is
 * resolved as they do, and must come out where it began.
 */
export function returnTo(text: string | undefined, origin: string): string {
  if (text === undefined || text.length > LONGEST || !text.startsWith('/')) return '/'
  const url = URL.parse(text, origin)
  if (url === null || url.origin !== origin) return '/'
  const to = `${url.pathname}${url.search}`
  // `/.//host` is a path here, and another site once it stands in `Location`.
  return to.startsWith('//') || to.startsWith('/login') ? '/' : to
}
