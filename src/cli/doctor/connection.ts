/** Who we are and where: the part of a slice that doctor goes by. */
import { realmPath } from '../../core/kerberos/realm-path.ts'
import type { Slice } from '../../core/policy/slice.ts'

export type Connection = Pick<Slice, 'principal' | 'secret' | 'secretsThrough' | 'cluster'>

export const hostOf = (origin: string): string => new URL(origin).hostname.replace(/^\[|\]$/g, '')

/** Host and port of a KDC. */
export function addressOf(kdc: string): { readonly host: string; readonly port: number } {
  const { hostname, port } = new URL(`tcp://${kdc}`)
  return { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) }
}

/** Every KDC on the way from the principal's realm to that of the cluster, with its realm. */
export const kdcsOf = ({
  principal,
  cluster,
}: Connection): readonly { readonly kdc: string; readonly realm: string }[] =>
  realmPath(principal, cluster).flatMap(({ realm, kdcs }) => kdcs.map((kdc) => ({ kdc, realm })))

/** Hosts that must have an address, each once. */
export const namesOf = (connection: Connection): readonly string[] => [
  ...new Set([
    ...kdcsOf(connection).map(({ kdc }) => addressOf(kdc).host),
    ...connection.cluster.nameNodes.map(hostOf),
  ]),
]
