/**
 * Cookies that scripts, other sites and plain HTTP do not see. `__Host-` makes browsers refuse one that was set for a whole domain
 * or without TLS, so that no neighbour can put one in our place (RFC 6265bis §4.1.3.2).
 */

export const SESSION_COOKIE = '__Host-kerbside-session'

/** One for each sign-in under way, so that several tabs may begin one each. */
export const attemptCookie = (state: string): string => `__Host-kerbside-attempt-${state.slice(0, 10)}`

/** Lax, not Strict: a finding is a link, and links are clicked in mails. What changes something is a POST, which Lax keeps out. */
export const cookie = (name: string, value: string, maxAgeSeconds: number): string =>
  `${name}=${value}; Path=/; Max-Age=${maxAgeSeconds}; Secure; HttpOnly; SameSite=Lax`

export const noCookie = (name: string): string => cookie(name, '', 0)

/** The value of one that is there exactly once: of two, one was put there by somebody else. */
export function readCookie(header: string | undefined, name: string): string | undefined {
  const values = (header ?? '').split(';').flatMap((pair) => {
    const at = pair.indexOf('=')
    return at > 0 && pair.slice(0, at).trim() === name ? [pair.slice(at + 1).trim()] : []
  })
  return values.length === 1 ? values[0] : undefined
}
