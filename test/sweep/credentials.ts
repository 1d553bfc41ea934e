/**
 * Credentials by their form, for those whose value is new each time: the cookie of SPNEGO, block tokens, redirects of a NameNode,
 * tokens of OpenBao and Vault. A name in a program may look like the last, but for its digits.
 */

const CREDENTIALS =
  /hadoop\.auth=|"blockToken" *: *(?:"[^"]|\{ *"urlString" *: *"[^"])|^(?:set-cookie|www-authenticate|x-hadoop-feinfo):|delegation=[\w-]{20}|namenoderpcaddress=|\b(?:hv[sbr]|[sb])\.(?=[a-z]*\d)[a-z\d]{24}/im

/** The first that is in there. */
export function credentialIn(text: string): string | undefined {
  return CREDENTIALS.exec(text)?.[0]
}
