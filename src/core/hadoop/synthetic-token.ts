/**
 * A delegation token that Hadoop's client accepts and that is worth nothing: everybody may know it. It only lets a client
 * that is configured for a secure cluster (`hadoop.security.authentication=kerberos`) get past its own start.
 */

/**
 * `Token` as a Writable, URL-safe base64: identifier of version 0 (owner `kerbside`, no renewer, no real user, issued 0, see
 * {@link SYNTHETIC_TOKEN_ENDS}, sequence and key 0), then a password that says what it is. 48 bytes, so that the text of
 * what follows begins at a letter of its own.
 */
const IDENTIFIER_AND_PASSWORD = 'FgAIa2VyYnNpZGUAAACK5nfSH9v_AAAYd29ydGggbm90aGluZyBlbHNld2hlcmUh'
/** Kind `WEBHDFS delegation`, no service. */
const KIND_AND_SERVICE = 'EldFQkhERlMgZGVsZWdhdGlvbgA'

export const SYNTHETIC_TOKEN = `${IDENTIFIER_AND_PASSWORD}${KIND_AND_SERVICE}`
/** Milliseconds since the epoch: the end of the year 9999. */
export const SYNTHETIC_TOKEN_ENDS = 253_402_300_799_999

/** Whether a client sends it back. The Java client writes a service of its own into it. */
export function isSyntheticToken(text: string): boolean {
  return text.startsWith(IDENTIFIER_AND_PASSWORD) && /^[A-Za-z0-9_-]{0,400}={0,2}$/.test(text)
}
