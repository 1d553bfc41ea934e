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

/** Token.encodeToUrlString: length and version of the identifier, then the length and text of its owner, `quant`. */
const DELEGATION_TOKEN = /[\w-]{2,3}AFcXVhbnQ[\w-]{60,}/

/** A delegation token of that owner. Apart from the others, since what clients are given in its place has the same form. */
export function tokenOfQuant(text: string): string | undefined {
  return DELEGATION_TOKEN.exec(text)?.[0]
}
