/** Which names a client may call us by: a page in a notebook's browser can point its own name at 127.0.0.1, and send it as Host. */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'

type Headers = IncomingMessage['headersDistinct']

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]']

/**
 * Whether the Host header is this gateway. A nameservice is a name that the cluster's owner chose, for pods that map
 * `hdfs://NAMESERVICE` here by a hosts entry. HTTP/1.0 has no Host, and no browser speaks it.
 */
export function isOurHost({ host: hosts = [] }: Headers, port: number | undefined, nameservice: string): boolean {
  const [host] = hosts.map((header) => header.toLowerCase())
  if (host === undefined) return true
  // One reader would take the first, another the last (RFC 9112, 3.2).
  if (hosts.length > 1) return false
  return [...LOOPBACK, nameservice.toLowerCase()].some(
    (name) => host === `${name}:${port}` || (port === 80 && host === name),
  )
}

/**
 * Whether a browser sent it for a page. No client of HDFS sends these headers, and no page can leave them out: a form or a
 * script has an Origin when it changes something, and an image or a link says in Sec-Fetch-Site where it stands.
 */
export function isFromPage({ origin, 'sec-fetch-site': site }: IncomingHttpHeaders): boolean {
  return origin !== undefined || site !== undefined
}
