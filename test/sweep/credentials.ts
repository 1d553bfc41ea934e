/** Credentials by their form, for those whose value is new each time: the cookie of SPNEGO, block tokens, redirects of a NameNode. */

const CREDENTIALS =
  /hadoop\.auth=|"blockToken" *: *(?:"[^"]|\{ *"urlString" *: *"[^"])|^(?:set-cookie|www-authenticate|x-hadoop-feinfo):|delegation=[\w-]{20}|namenoderpcaddress=/im

/** The first that is in there. */
export function credentialIn(text: string): string | undefined {
  return CREDENTIALS.exec(text)?.[0]
}
