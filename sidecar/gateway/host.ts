/** Which names a client may call us by: a page in a notebook's browser can point its own name at 127.0.0.1, and send it as Host. */

const LOOPBACK = ['localhost', '127.0.0.1', '[::1]']

/**
 * Whether the Host header is this gateway. A nameservice is a name that the cluster's owner chose, for pods that map
 * `hdfs://NAMESERVICE` here by a hosts entry. HTTP/1.0 has no Host, and no browser speaks it.
 */
export function isOurHost(header: string | undefined, port: number | undefined, nameservice: string): boolean {
  if (header === undefined) return true
  const host = header.toLowerCase()
  return [...LOOPBACK, nameservice.toLowerCase()].some(
    (name) => host === `${name}:${port}` || (port === 80 && host === name),
  )
}
