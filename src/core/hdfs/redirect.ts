/** Whether a redirect of the NameNode may be followed: only to a DataNode of the cluster, as safely as the NameNode was reached, for the path that was decided. */
import { decodeOnce, sentPath, type Target } from './target.ts'

export type Protocol = 'https:' | 'http:'

export type DataNode = {
  readonly protocol: Protocol
  /** Lower case, without brackets or port. */
  readonly host: string
  readonly port: number
  /** What the DataNode must be told so that it finds its NameNode; the only thing taken from the redirect's query. */
  readonly nameNodeAddress: string | undefined
}

export type Allowed = {
  readonly target: Target
  /** Exact names, or `*.lab` for any one label below. */
  readonly hosts: readonly string[]
  /** How the NameNode was reached. */
  readonly protocol: Protocol
}

/**
 * The `Location` names a host that is about to see the delegation token, so nothing in it is trusted: host out of the
 * cluster's list, never plain HTTP after HTTPS, the very path that was authorised (CVE-2020-9492, CVE-2017-3162). The path
 * is compared in composed form, because `URI.toASCIIString` composes it; what is sent to the DataNode is our own path, as it is.
 *
 * @param location header as Node gives it: one character for each byte
 * @returns a DataNode, or a sentence for the log
 */
export function checkRedirect(
  location: string,
  { target, hosts, protocol: reached }: Allowed,
): DataNode | { readonly problem: string } {
  const parts = /^(https?:)\/\/([a-z0-9.-]+)(?::(\d{1,5}))?\/webhdfs\/v1(\/[^?#]*)\?([^#]*)$/i.exec(location)
  if (parts === null) return { problem: 'it is not a URL of WebHDFS' }
  const [, scheme = '', host = '', given, path = '', query = ''] = parts
  const protocol: Protocol = scheme.toLowerCase() === 'https:' ? 'https:' : 'http:'
  if (protocol === 'http:' && reached !== 'http:') return { problem: 'it is plain HTTP, after HTTPS' }
  if (!hosts.some((pattern) => isHostOf(pattern.toLowerCase(), host.toLowerCase()))) {
    return { problem: `\`${host}\` is not a DataNode of the cluster` }
  }
  const port = Number(given ?? (protocol === 'https:' ? 443 : 80))
  if (port < 1 || port > 65_535) return { problem: `\`${port}\` is not a port` }
  if (decodeBytes(path)?.normalize('NFC') !== sentPath(target).normalize('NFC'))
    return { problem: 'it names another path' }
  return { protocol, host: host.toLowerCase(), port, nameNodeAddress: nameNodeAddressIn(query) }
}

/** `*` stands for one label, and for nothing else. */
function isHostOf(pattern: string, host: string): boolean {
  if (!pattern.startsWith('*.')) return host === pattern
  const dot = host.indexOf('.')
  return dot > 0 && host.slice(dot) === pattern.slice(1)
}

/** A nameservice, or `host:port`. */
function nameNodeAddressIn(query: string): string | undefined {
  const pair = query.split('&').find((one) => one.startsWith('namenoderpcaddress='))
  const address = decodeOnce(pair?.slice('namenoderpcaddress='.length) ?? '')
  return address !== undefined && /^[A-Za-z0-9._-]+(:\d{1,5})?$/.test(address) ? address : undefined
}

/** Java leaves letters beyond ASCII as they are: their bytes arrive one by one. */
function decodeBytes(path: string): string | undefined {
  return decodeOnce(path.replace(/[\x80-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16)}`))
}
